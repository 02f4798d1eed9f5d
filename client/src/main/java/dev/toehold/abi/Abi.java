package dev.toehold.abi;

/**
 * Versions and limits of the contract.
 *
 * <p>Engine and client must agree on {@link #MAJOR}. A newer minor version only adds: the lower one of both is spoken.
 */
public final class Abi {
    /** Changes when an old peer would misunderstand. */
    public static final int MAJOR = 1;

    /** Grows when something is added that an old peer may ignore. */
    public static final int MINOR = 0;

    /** Most RECEIVEs that one connection may have posted. */
    public static final int MAX_POSTED_RECEIVES = 64;

    /** Bytes that the window of a connection with credit shrinks to while the session's buffers are short; see {@link Op#CONSUMED}. */
    public static final int LEAST_WINDOW = 4096;

    /** Most bytes that one RECEIVE or SEND may name: 1 GiB. Longer transfers take several. */
    public static final int MAX_LOCATION_LENGTH = 1 << 30;

    /** Most regions of a session; region ids are 0 .. 255. */
    public static final int MAX_REGIONS = 256;

    /** Most buffer groups of a session; group ids are 0 .. 15. */
    public static final int MAX_GROUPS = 16;

    /** Position argument that means "where the previous one ended". */
    public static final long NEXT_POSITION = -1L;

    private Abi() {}
}
