package dev.toehold.control;

import dev.toehold.ffi.linux.EventFd;

/**
 * The eventfds by which clients wake one lcore: one for each session, so that no client can take what another has rung, nor ring
 * for another. The lcore only waits for them, edge-triggered: it neither reads nor writes what a client holds. Any thread.
 */
public interface ClientDoorbells {
    /** Its rings are counted for the session whose it is. */
    void add(EventFd doorbell, int sessionId);

    /** Before it is closed: the client's copy would keep it in the set. */
    void remove(EventFd doorbell);
}
