package dev.toehold.abi;

/** Bits of a submission's flags. Unknown bits are INVALID. */
public final class SubmissionFlag {
    /** SEND: more follows soon; hold back a last partial segment until it comes, FLUSH or 200 ms. */
    public static final int MORE = 1;

    /** SEND: the next submission of this ring is a SEND of the same handle and continues this one. */
    public static final int LINKED = 1 << 1;

    /** SEND: complete additionally at first transmission (flag EARLY on that completion). */
    public static final int EARLY = 1 << 2;

    /** All defined bits. */
    public static final int ALL = MORE | LINKED | EARLY;

    private SubmissionFlag() {}
}
