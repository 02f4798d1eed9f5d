package dev.toehold.session;

/** What an lcore tells the control thread about its sessions. Called on the lcore: implementations only pass it on. */
public interface SessionEvents {
    /** The session has broken the contract, or its memory is gone: it must end on every lcore, the client must hear why. */
    void onSessionError(Session session, int resultCode);

    /** A listener stands. */
    void onListening(Session session, long handle, long localHigh, long localLow, int localPort, int backlog);

    /** A listener is closed. */
    void onListenerClosed(Session session, long handle);
}
