package dev.toehold.session;

import dev.toehold.abi.ResultCode;
import dev.toehold.stack.Resumption;
import dev.toehold.tcp.Tcb;

/**
 * Clients that take up their connections and listeners of an earlier engine. What a client says it has and has sent decides what is
 * sent and acknowledged from here on, so every position is checked against the record: one that cannot be resets the connection.
 */
final class Resuming {
    private final TcpCommands tcp;
    private final ConnectionTable table;
    private final Listeners listeners;
    private final Lifecycle lifecycle;
    private final SessionCounters counters;

    Resuming(
            TcpCommands tcp,
            ConnectionTable table,
            Listeners listeners,
            Lifecycle lifecycle,
            SessionCounters counters) {
        this.tcp = tcp;
        this.table = table;
        this.listeners = listeners;
        this.lifecycle = lifecycle;
        this.counters = counters;
    }

    ResumeResult resume(LcoreSession owner, ResumeRequest request, long nowNs) {
        if (owner.isEnding) {
            return ResumeResult.refused(ResultCode.CLOSED, "the session ends");
        }
        if (request.isOfListener(listeners)) {
            return resumeListener(owner, request, nowNs);
        }
        int found = tcp.findResumable(request.handle(), owner.session.id());
        if (found < 0) {
            counters.refused++;
            return ResumeResult.refused(
                    ResultCode.STALE, "handle=0x" + Long.toHexString(request.handle()) + " cannot be resumed");
        }
        Tcb tcb = tcp.resumable();
        if (found == Resumption.DETACHED) {
            return new ResumeResult(ResultCode.OK, "", tcb.rcvPosition(), tcb.sndUna());
        }
        String lie = lie(tcb, request);
        if (!lie.isEmpty()) {
            counters.refused++;
            tcp.refuseResume(tcb, nowNs);
            return ResumeResult.refused(ResultCode.RESET, lie);
        }
        if (owner.connectionCount >= owner.session.limits().maxConnections() || !table.hasSpare()) {
            return ResumeResult.refused(ResultCode.LIMIT, "the session has all connections that it may have");
        }
        long rcvPosition = Math.max(tcb.rcvPosition(), request.deliveredPosition());
        long unconsumed = request.deliveredPosition() - request.consumedPosition();
        lifecycle.resume(owner, tcb, rcvPosition, unconsumed);
        tcp.resume(tcb, rcvPosition, nowNs);
        return new ResumeResult(ResultCode.OK, "", rcvPosition, tcb.sndUna());
    }

    /** Why the client's positions cannot be; empty if they can. */
    private static String lie(Tcb tcb, ResumeRequest request) {
        long delivered = request.deliveredPosition();
        long consumed = request.consumedPosition();
        long submitted = request.submittedPosition();
        long end = tcb.finReceived() >= 0 ? tcb.finReceived() : tcb.rcvEdge();
        if (delivered < 0 || delivered > end) {
            return "deliveredPosition=" + delivered + " is beyond what was received, at most " + end;
        }
        if (consumed < 0 || consumed > delivered) {
            return "consumedPosition=" + consumed + " is beyond deliveredPosition=" + delivered;
        }
        long sent = tcb.finSent() >= 0 ? tcb.finSent() : Math.max(0, tcb.sndMax());
        if (submitted < sent || (tcb.finSent() >= 0 && submitted != sent)) {
            return "submittedPosition=" + submitted + " contradicts what was sent, " + sent;
        }
        return "";
    }

    private ResumeResult resumeListener(LcoreSession owner, ResumeRequest request, long nowNs) {
        Resumption.Listener resumed = owner.queuePair.unpromised() > 0
                        && owner.listenerCount < owner.session.limits().maxListeners()
                ? tcp.resumeListener(request.handle(), owner.session.id(), nowNs)
                : null;
        if (resumed == null) {
            counters.refused++;
            return ResumeResult.refused(
                    ResultCode.STALE, "listener=0x" + Long.toHexString(request.handle()) + " cannot be resumed");
        }
        if (!owner.session.limits().listen().allowsLocal(resumed.high(), resumed.low(), resumed.port())) {
            counters.listenDenied++;
            owner.deniedCount++;
            tcp.closeListener(resumed.index(), nowNs);
            return ResumeResult.refused(
                    ResultCode.DENIED,
                    "listener=0x" + Long.toHexString(request.handle())
                            + ": this engine's policy does not allow its address and TCP port; see listen in [[policy]]");
        }
        owner.queuePair.promise(); // for the completion that ends the LISTEN
        LcoreSession.Listener listener =
                listeners.open(owner, resumed.index(), request.handle(), resumed.userData(), 0);
        listeners.announce(listener, resumed.high(), resumed.low(), resumed.port(), resumed.backlog());
        return new ResumeResult(ResultCode.OK, "", 0, 0);
    }
}
