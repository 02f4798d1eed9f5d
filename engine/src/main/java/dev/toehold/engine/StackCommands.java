package dev.toehold.engine;

import dev.toehold.session.TcpCommands;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.Resumption;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbFlags;

/** What the sessions of an lcore ask of its stack, passed on. */
final class StackCommands implements TcpCommands {
    private static final long NS_PER_MS = 1_000_000;

    private final LcoreStack stack;

    StackCommands(LcoreStack stack) {
        this.stack = stack;
    }

    @Override
    public Tcb tcb(int index) {
        return stack.tcbAt(index);
    }

    @Override
    public int connect(
            int sessionId,
            long userData,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int localAddress,
            int localPort,
            long timeoutNs,
            long nowNs) {
        return stack.connect(
                sessionId, userData, remoteHigh, remoteLow, remotePort, localAddress, localPort, timeoutNs, nowNs);
    }

    @Override
    public int listen(int sessionId, long userData, long localHigh, long localLow, int localPort, int backlog) {
        return stack.listen(sessionId, userData, localHigh, localLow, localPort, backlog);
    }

    @Override
    public long listenerHandle(int listenerIndex) {
        return stack.listenerHandle(listenerIndex);
    }

    @Override
    public void closeListener(int listenerIndex, long nowNs) {
        stack.closeListener(listenerIndex, nowNs);
    }

    @Override
    public int findResumable(long handle, int sessionId) {
        return stack.resumption().find(handle, sessionId);
    }

    @Override
    public Tcb resumable() {
        return stack.resumption().found();
    }

    @Override
    public void resume(Tcb tcb, long rcvPosition, long nowNs) {
        stack.resumption().resume(tcb, rcvPosition, nowNs);
    }

    @Override
    public void refuseResume(Tcb tcb, long nowNs) {
        stack.resumption().refuse(tcb, nowNs);
    }

    @Override
    public Resumption.Listener resumeListener(long handle, int sessionId, long nowNs) {
        return stack.resumption().resumeListener(handle, sessionId, nowNs);
    }

    @Override
    public void finishResume(int sessionId, boolean isBack, long nowNs) {
        stack.resumption().finish(sessionId, isBack, nowNs);
    }

    @Override
    public void send(Tcb tcb, long submittedEnd, boolean more, long nowNs) {
        stack.core().send(tcb, submittedEnd, more, nowNs);
    }

    @Override
    public void grantWindow(Tcb tcb, long edge, long bufferLength, long nowNs) {
        stack.core().grantWindow(tcb, edge, bufferLength, nowNs);
        // A grant while bytes are not committed yet only marks the connection: the end of the burst tells the peer.
        stack.touch(tcb);
    }

    @Override
    public void holdCommit(Tcb tcb) {
        stack.core().holdCommit(tcb);
    }

    @Override
    public void commitPart(Tcb tcb) {
        stack.touch(tcb);
    }

    @Override
    public void acknowledgeAtOnce(Tcb tcb) {
        tcb.set(TcbFlags.ACK_NOW, true);
    }

    @Override
    public void releaseCommit(Tcb tcb) {
        stack.core().onPublished(tcb);
        stack.touch(tcb);
    }

    @Override
    public void flush(Tcb tcb, long nowNs) {
        stack.core().flush(tcb, nowNs);
    }

    @Override
    public void forgetOutOfOrder(Tcb tcb) {
        stack.core().forgetOutOfOrder(tcb);
    }

    @Override
    public void shutdown(Tcb tcb, long nowNs) {
        stack.core().shutdown(tcb, nowNs);
    }

    @Override
    public void close(Tcb tcb, long nowNs) {
        stack.core().close(tcb, nowNs);
    }

    @Override
    public void abort(Tcb tcb, long nowNs) {
        stack.core().abort(tcb, nowNs);
    }

    @Override
    public void noDelay(Tcb tcb, boolean on, long nowNs) {
        stack.core().setNoDelay(tcb, on, nowNs);
    }

    @Override
    public void keepAlive(Tcb tcb, long intervalNs, long nowNs) {
        stack.core().setKeepalive(tcb, intervalNs != 0, nowNs);
    }

    @Override
    public void userTimeout(Tcb tcb, long timeoutNs, long nowNs) {
        stack.core().setUserTimeout(tcb, Math.clamp(timeoutNs / NS_PER_MS, 0, Integer.MAX_VALUE));
    }
}
