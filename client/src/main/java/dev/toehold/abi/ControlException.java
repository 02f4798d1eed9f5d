package dev.toehold.abi;

/**
 * A message that breaks {@link ControlMessage}. Its sender gets a REPLY with {@link #result} and the message's text;
 * its descriptors are closed.
 */
public final class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int result;
    private final long correlation;

    public ControlException(int result, long correlation, String message) {
        super(message, null, false, false);
        this.result = result;
        this.correlation = correlation;
    }

    /** A code of {@link ResultCode}. */
    public int result() {
        return result;
    }

    /** The correlation to answer with; 0 if the message was too short to have one. */
    public long correlation() {
        return correlation;
    }
}
