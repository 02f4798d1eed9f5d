package dev.toehold.tcp;

/** Bits of {@link Tcb#flags()}. */
public final class TcbFlags {
    /** The peer opened: RFC 9293 returns such a connection to LISTEN where an active one is refused. */
    public static final int PASSIVE = 1;

    /** Agreed in the handshake (RFC 7323, 2018, 3168). */
    public static final int TIMESTAMPS = 1 << 1;

    public static final int SACK_PERMITTED = 1 << 2;
    public static final int WINDOW_SCALE = 1 << 3;
    public static final int ECN = 1 << 4;

    /** Options of the application: Nagle off, and "more will follow". */
    public static final int NODELAY = 1 << 5;

    public static final int CORKED = 1 << 6;
    public static final int KEEPALIVE = 1 << 7;

    /** Everything submitted goes out at once, until it has. */
    public static final int FLUSHING = 1 << 8;

    /** The application has closed its direction: a FIN follows the submitted bytes. */
    public static final int SHUTDOWN = 1 << 9;

    /** The application has given up the connection; what arrives from now on has no reader. */
    public static final int CLOSED = 1 << 10;

    /** The FIN's turn has come: rcvNxt reached its position. */
    public static final int END_OF_STREAM = 1 << 11;

    /** An ACK must leave at the end of the burst. */
    public static final int ACK_NOW = 1 << 12;

    /** The host had no buffer for a segment: the core tries again in {@code onOutput}. */
    public static final int OUTPUT_PENDING = 1 << 13;

    /** A segment is being timed (rttPosition, rttStartNs). */
    public static final int TIMING = 1 << 14;

    /** rexmtDeadline stands for the persist timer. */
    public static final int PERSISTING = 1 << 15;

    /** tsRecent holds a value. */
    public static final int TS_RECENT_VALID = 1 << 16;

    /** An in-window segment found no room: the next grant tells the peer. */
    public static final int STARVED = 1 << 17;

    /** The handshake needed a retransmission (RFC 6298 (5.7), RFC 6928 section 2). */
    public static final int SYN_RETRANSMITTED = 1 << 18;

    /** RFC 3168: CE came and CWR has not yet, so ACKs carry ECE. */
    public static final int ECN_ECHO = 1 << 19;

    /** cwnd was reduced, for whatever reason: with ECN the next new text carries CWR. */
    public static final int ECN_REDUCED = 1 << 20;

    /** onTerminated was called. */
    public static final int TERMINATED = 1 << 21;

    /** rexmtDeadline stands for the reordering timer of RACK, or for a tail loss probe (RFC 8985 section 8). */
    public static final int REORDERING_TIMER = 1 << 22;

    public static final int PROBE_TIMER = 1 << 23;

    /** RACK.reordering_seen. */
    public static final int REORDERING_SEEN = 1 << 24;

    /** The first ACK after a timeout will tell whether it was spurious (RFC 5682). */
    public static final int MAYBE_SPURIOUS = 1 << 25;

    /** Completions for placed bytes wait for room: the prefix is not committed until they are published. */
    public static final int UNPUBLISHED = 1 << 26;

    /** More would have gone out the last time, had cwnd allowed it. */
    public static final int CWND_LIMITED = 1 << 27;

    /** The application has set userTimeoutMs; the peer's option does not change it (RFC 5482). */
    public static final int USER_TIMEOUT_SET = 1 << 28;

    /** The next segment carries the user timeout option. */
    public static final int USER_TIMEOUT_OWED = 1 << 29;

    /** A retransmission timeout, and no sign of progress since. */
    public static final int TIMED_OUT = 1 << 30;

    /** A router said that the peer cannot be reached (RFC 1122's soft errors), and no sign of progress since. */
    public static final int SOFT_ERROR = 1 << 31;

    private TcbFlags() {}
}
