package dev.toehold.abi;

/** Options for {@link Op#SET_OPTION}; the option is in the submission's length field, the value in arg. */
public final class Option {
    /** 1: send small segments at once; 0: Nagle (RFC 9293 section 3.7.4). Default 1. */
    public static final int NO_DELAY = 1;

    /** userData of the connection's PROVIDED and TERMINATED completions. Default: that of the CONNECT or LISTEN. */
    public static final int USER_DATA = 2;

    /**
     * Receive credit in bytes: how far at most the window may reach beyond what was consumed. Within it the engine follows the
     * connection's bandwidth-delay product and what the session's buffers can hold. 0: explicit mode, nothing posted
     * means no window. Default: the HELLO's. A window that was granted is never taken back.
     */
    public static final int RECEIVE_CREDIT = 3;

    /** Listener: adds arg to the number of connections that may be accepted. */
    public static final int ACCEPT_CREDIT = 4;

    /** Keep-alive interval in ns (RFC 9293 section 3.8.4); 0 = off, the default. */
    public static final int KEEP_ALIVE_NS = 5;

    /** User time-out in ns (RFC 9293 section 3.9.1.8): unacknowledged for so long, the connection dies. 0 = default. */
    public static final int USER_TIMEOUT_NS = 6;

    /** How long after CLOSE the engine goes on sending, in ns. Default 60 s. */
    public static final int LINGER_NS = 7;

    /** Buffer group from which provided buffers are taken; -1 = the engine chooses by size, the default. */
    public static final int BUFFER_GROUP = 8;

    /** Differentiated services codepoint (RFC 2474) of all packets that the connection sends from now on, 0 to 63. Default 0. */
    public static final int DIFFSERV = 9;

    /**
     * What the connection carries, where the client knows better than the engine would find out: {@link #CHARACTERISTIC_AUTO} (the
     * default), {@link #CHARACTERISTIC_INTERACTIVE} or {@link #CHARACTERISTIC_BULK}.
     */
    public static final int CHARACTERISTIC = 10;

    /** The engine judges by what comes and goes. */
    public static final int CHARACTERISTIC_AUTO = 0;

    /** Somebody waits for each message. */
    public static final int CHARACTERISTIC_INTERACTIVE = 1;

    /** Throughput counts. */
    public static final int CHARACTERISTIC_BULK = 2;

    private Option() {}
}
