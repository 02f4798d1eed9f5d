package dev.toehold.abi;

/** Bits of a completion's flags. */
public final class CompletionFlag {
    /** More completions of the same submission (LISTEN), or for the same buffer (PROVIDED), follow. */
    public static final int MORE = 1;

    /** The stream of the peer ends at position + length. */
    public static final int EOF = 1 << 1;

    /** The last byte came with PSH. */
    public static final int PUSH = 1 << 2;

    /** The buffer fields are valid. */
    public static final int BUFFER = 1 << 3;

    /** SEND: transmitted for the first time; the memory is still the engine's. */
    public static final int EARLY = 1 << 4;

    /**
     * RECEIVE and PROVIDED: the peer marked bytes up to position arg0 as urgent, and what begins at {@code position} is before that (RFC 9293
     * section 3.8.5). arg0 - (position + length), if above 0, is how much of it is still to come. They stay in the stream.
     */
    public static final int URGENT = 1 << 5;

    private CompletionFlag() {}
}
