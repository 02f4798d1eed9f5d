package dev.toehold.stack;

import dev.toehold.abi.ResultCode;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpEffects;
import dev.toehold.tcp.TcpState;
import dev.toehold.tcp.TxSegment;
import java.util.SplittableRandom;

/** What the TCP core asks of this lcore, passed on to the application's side, the transmit path, the timers and the tables. */
final class TcpHost implements TcpEffects {
    private final Connections connections;
    private final ListenerTable listeners;
    private final int firstListenerIndex;
    private final Transmitter transmitter;
    private final Routes routes;
    private final SplittableRandom random;
    private final Resumption resumption;
    private LinkLayer link;
    private ConnectionHandler handler;
    private long nowNs;

    TcpHost(
            Connections connections,
            ListenerTable listeners,
            int firstListenerIndex,
            Transmitter transmitter,
            Routes routes,
            Resumption resumption,
            long randomSeed) {
        this.connections = connections;
        this.listeners = listeners;
        this.firstListenerIndex = firstListenerIndex;
        this.transmitter = transmitter;
        this.routes = routes;
        this.resumption = resumption;
        random = new SplittableRandom(randomSeed);
    }

    void bind(LinkLayer newLink, ConnectionHandler newHandler) {
        link = newLink;
        handler = newHandler;
    }

    /** The time of this pass, for effects that need one. */
    void now(long value) {
        nowNs = value;
    }

    @Override
    public int place(Tcb tcb, long position, Segment segment, int payloadOffset, int length) {
        return handler.place(tcb, position, segment.memory, segment.payloadOffset + payloadOffset, length);
    }

    @Override
    public void onDelivered(Tcb tcb, boolean push) {
        handler.onDelivered(tcb, push);
    }

    @Override
    public void onUrgent(Tcb tcb, long endPosition) {
        handler.onUrgent(tcb, endPosition);
    }

    @Override
    public long publishedEnd(Tcb tcb) {
        return connections.has(tcb, Connections.KNOWN) ? handler.publishedEnd(tcb) : ConnectionHandler.NOTHING;
    }

    @Override
    public void onEndOfStream(Tcb tcb) {
        handler.onEndOfStream(tcb);
    }

    @Override
    public void onAcknowledged(Tcb tcb) {
        int route = connections.route(tcb);
        if (route >= 0) {
            link.onReachable(
                    routes.portIndex(route),
                    routes.nextHopHigh(route, tcb.remoteHigh()),
                    routes.nextHopLow(route, tcb.remoteLow()),
                    nowNs);
        }
        if (connections.has(tcb, Connections.KNOWN)) {
            handler.onAcknowledged(tcb);
        }
    }

    @Override
    public boolean transmit(Tcb tcb, TxSegment segment) {
        int route = connections.route(tcb);
        if (route == Routes.UNREACHABLE) {
            // Taken up from an earlier engine while our own address was still tentative.
            route = routes.find(tcb.remoteHigh(), tcb.remoteLow());
            connections.route(tcb, route);
        }
        if (transmitter.transmit(tcb, segment, route, nowNs)) {
            return true;
        }
        // The core asks again in onOutput, which the end of a later burst is.
        connections.touch(tcb);
        return false;
    }

    @Override
    public void onConnected(Tcb tcb) {
        // The limit of the CONNECT has served; from here on the configured one holds.
        tcb.userTimeoutMs(0);
        handler.onConnected(tcb);
    }

    @Override
    public void onAccepted(Tcb tcb) {
        endPending(tcb);
        connections.set(tcb, Connections.KNOWN);
        handler.onAccepted(tcb);
    }

    @Override
    public void onTrouble(Tcb tcb) {
        int route = connections.route(tcb);
        if (route >= 0) {
            link.onSuspect(
                    routes.portIndex(route),
                    routes.nextHopHigh(route, tcb.remoteHigh()),
                    routes.nextHopLow(route, tcb.remoteLow()),
                    nowNs);
        }
    }

    @Override
    public void onTerminated(Tcb tcb, int reason) {
        if (connections.has(tcb, Connections.KNOWN)) {
            handler.onTerminated(tcb, resultCode(reason));
        }
    }

    private static int resultCode(int reason) {
        return switch (reason) {
            case ORDERLY -> ResultCode.OK;
            case TIMED_OUT -> ResultCode.TIMED_OUT;
            case REFUSED -> ResultCode.REFUSED;
            case UNREACHABLE -> ResultCode.UNREACHABLE;
            default -> ResultCode.RESET;
        };
    }

    @Override
    public void onFreed(Tcb tcb) {
        endPending(tcb);
        if (connections.has(tcb, Connections.WAITING)) {
            resumption.onFreed();
        }
        if (connections.has(tcb, Connections.KNOWN)) {
            handler.onFreed(tcb);
        }
        connections.remove(tcb);
    }

    /** It leaves the backlog of its listener, if that is still the same one: a closed listener has reset its pending connections. */
    private void endPending(Tcb tcb) {
        if (connections.has(tcb, Connections.PENDING)) {
            connections.unset(tcb, Connections.PENDING);
            listeners.onPendingEnded(tcb.listenerIndex() - firstListenerIndex);
        }
    }

    @Override
    public void onDeadline(Tcb tcb, long deadlineNs) {
        if (tcb.state() != TcpState.FREE) {
            connections.timers().armNoLaterThan(connections.local(tcb), deadlineNs);
        }
    }

    @Override
    public long random() {
        return random.nextLong();
    }
}
