package dev.toehold.abi;

/** The one table of results: 0 or a count for success, negative for these. */
public final class ResultCode {
    public static final int OK = 0;
    /** The handle is not (or no longer) one of this session. */
    public static final int STALE = -1;
    /** A field is out of range, reserved and nonzero, or makes no sense in this state. */
    public static final int INVALID = -2;
    /** A quota or table is full. */
    public static final int LIMIT = -3;
    /** The policy does not allow it. */
    public static final int DENIED = -4;
    /** The peer, or this side by ABORT, reset the connection. */
    public static final int RESET = -5;
    /** The peer did not answer in time. */
    public static final int TIMED_OUT = -6;
    /** No route, no neighbour, or an ICMP error said so. */
    public static final int UNREACHABLE = -7;
    /** The peer refused the connection. */
    public static final int REFUSED = -8;
    /** Local address and TCP port are taken. */
    public static final int ADDRESS_IN_USE = -9;
    /** A region's memory went away under the engine; the session is disconnected. */
    public static final int REGION_FAULT = -10;
    /** The handle was closed, or its sending direction was shut down, before. */
    public static final int CLOSED = -11;
    /** The connection is the kernel's now, or on its way there. */
    public static final int OFFLOADED = -12;
    /** No room in the submission ring; try again after polling. Client side only. */
    public static final int BACK_PRESSURED = -13;
    /** A ring counter went backwards or led by more than its ring; the session is disconnected. */
    public static final int BAD_INDEX = -14;
    /** Versions or required capabilities do not match. */
    public static final int INCOMPATIBLE = -15;
    /** The engine hung up. Client side only. */
    public static final int ENGINE_GONE = -16;

    private static final String[] NAMES = {
        "OK",
        "STALE",
        "INVALID",
        "LIMIT",
        "DENIED",
        "RESET",
        "TIMED_OUT",
        "UNREACHABLE",
        "REFUSED",
        "ADDRESS_IN_USE",
        "REGION_FAULT",
        "CLOSED",
        "OFFLOADED",
        "BACK_PRESSURED",
        "BAD_INDEX",
        "INCOMPATIBLE",
        "ENGINE_GONE"
    };

    /** Name of a code, or its number if it is none. */
    public static String name(int code) {
        return code <= 0 && -code >= 0 && -code < NAMES.length ? NAMES[-code] : Integer.toString(code);
    }

    private ResultCode() {}
}
