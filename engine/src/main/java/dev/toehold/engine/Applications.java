package dev.toehold.engine;

import dev.toehold.stack.ConnectionHandler;

/** The application's side of an lcore as its poll loop drives it: the sessions and their queue pairs. On the lcore's thread only. */
public interface Applications {
    /** What the stack tells about connections, and asks for. */
    ConnectionHandler handler();

    /** Takes what clients submitted. Returns how much work there was. */
    int pollSubmissions(long nowNs);

    /** Makes all completions visible that were appended so far. */
    void publish(long nowNs);

    /** Wakes clients that sleep and were given completions since the last call. */
    void wakeClients();

    /** A packet has ended the lcore's sleep and has not been looked at. */
    default void onPacketWake() {}

    /**
     * The lcore is about to sleep: clients must ring from now on.
     *
     * @return false if there is work right now
     */
    boolean armWakeups();

    /** A client's doorbell has ended the lcore's sleep. */
    default void onRing(int sessionId) {}

    /** The lcore is awake. */
    void disarmWakeups();

    /** When {@link #pollSubmissions} has something to do even if no client does; Long.MAX_VALUE = never. */
    long nextDeadlineNs();

    /**
     * An access to client memory failed: gives up the session that was worked for.
     *
     * @return false if it was no such access
     */
    boolean onMemoryFault();

    /** Gives packets back; nothing is called afterwards. */
    default void close() {}
}
