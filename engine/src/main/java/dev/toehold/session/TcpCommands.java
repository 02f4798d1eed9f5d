package dev.toehold.session;

import dev.toehold.stack.Resumption;
import dev.toehold.tcp.Tcb;

/**
 * What the sessions of an lcore ask of its stack. Called between bursts, never from within a
 * {@link dev.toehold.stack.ConnectionHandler} callback; callbacks may come during a call. Whatever a command makes due is
 * sent at the end of the burst.
 */
public interface TcpCommands {
    /** The record of a connection of this lcore; valid until the next call. */
    Tcb tcb(int index);

    /**
     * TCB index of a connection in SYN-SENT, or a negative {@link dev.toehold.abi.ResultCode}.
     *
     * @param localAddress index in the WELCOME's list, negative = the route chooses
     * @param localPort 0 = any
     */
    int connect(
            int sessionId,
            long userData,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int localAddress,
            int localPort,
            long timeoutNs,
            long nowNs);

    /** Listener index, or a negative {@link dev.toehold.abi.ResultCode}. */
    int listen(int sessionId, long userData, long localHigh, long localLow, int localPort, int backlog);

    /** The handle under which clients know a listener that {@link #listen} gave. */
    long listenerHandle(int listenerIndex);

    void closeListener(int listenerIndex, long nowNs);

    /**
     * Looks for a connection of an earlier engine.
     *
     * @return {@link Resumption#WAITING} or {@link Resumption#DETACHED}, and {@link #resumable} is
     *     its record; or STALE
     */
    int findResumable(long handle, int sessionId);

    /** The record that {@link #findResumable} found. */
    Tcb resumable();

    /** A waiting connection goes on from what its client has. */
    void resume(Tcb tcb, long rcvPosition, long nowNs);

    /** The client's word cannot be true: RST. */
    void refuseResume(Tcb tcb, long nowNs);

    /** Null if it is no listener of this session that waits. */
    Resumption.Listener resumeListener(long handle, int sessionId, long nowNs);

    /** The client has named all that it knows, or is gone: what still waits for it is offered once more or reset. */
    void finishResume(int sessionId, boolean isBack, long nowNs);

    /** The stream may be sent up to {@code submittedEnd}. */
    void send(Tcb tcb, long submittedEnd, boolean more, long nowNs);

    /**
     * Positions below {@code edge} have room, or will have. Never falls.
     *
     * @param bufferLength of the buffer that ends there, for silly-window avoidance; 0 = a RECEIVE wants these bytes
     */
    void grantWindow(Tcb tcb, long edge, long bufferLength, long nowNs);

    /** Completions of the connection wait for room: its prefix and FIN must not be acknowledged. */
    void holdCommit(Tcb tcb);

    /** Some of them are: what {@link dev.toehold.stack.ConnectionHandler#publishedEnd} says is committed at the end of a burst. */
    void commitPart(Tcb tcb);

    /** What the end of the burst commits is acknowledged there, not with the next segment. */
    void acknowledgeAtOnce(Tcb tcb);

    /** They are appended: what was held is committed and acknowledged at the end of a burst. */
    void releaseCommit(Tcb tcb);

    /** Sends what Nagle or MORE holds back. */
    void flush(Tcb tcb, long nowNs);

    /** Forgets what came out of order: the peer sends it again (RFC 2018 section 8). */
    void forgetOutOfOrder(Tcb tcb);

    /** FIN behind everything submitted. */
    void shutdown(Tcb tcb, long nowNs);

    /** Like shutdown; nobody reads any more. */
    void close(Tcb tcb, long nowNs);

    /** RST. */
    void abort(Tcb tcb, long nowNs);

    void noDelay(Tcb tcb, boolean on, long nowNs);

    /** Interval in ns; 0 = off. */
    void keepAlive(Tcb tcb, long intervalNs, long nowNs);

    /** Time-out in ns; 0 = the default. */
    void userTimeout(Tcb tcb, long timeoutNs, long nowNs);
}
