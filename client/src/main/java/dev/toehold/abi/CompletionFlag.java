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

    private CompletionFlag() {}
}
