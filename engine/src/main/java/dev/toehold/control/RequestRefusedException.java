package dev.toehold.control;

/** A request that is well-formed and still not granted; its text goes to the client. */
final class RequestRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int result;

    RequestRefusedException(int result, String message) {
        super(message, null, false, false);
        this.result = result;
    }

    /** A negative {@link dev.toehold.abi.ResultCode}. */
    int result() {
        return result;
    }
}
