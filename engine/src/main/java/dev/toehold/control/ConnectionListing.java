package dev.toehold.control;

import dev.toehold.abi.Handle;
import dev.toehold.net.IpAddress;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpState;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections as the management sees them: read from the mapped TCBs while their lcores go on writing. Each field is whole, but two
 * fields may be of two moments, and a record may be freed or used anew in between: good for people and graphs, for no decision.
 */
final class ConnectionListing {
    private static final long NS_PER_US = 1_000;

    private final EngineView engine;
    private final Tcb tcb;

    ConnectionListing(EngineView engine) {
        this.engine = engine;
        tcb = new Tcb(engine.tcbs());
    }

    /** A line of the listing. Times in ns, sizes in bytes. */
    record Item(
            int id,
            String state,
            String local,
            String remote,
            int lcore,
            int client,
            long rttNs,
            long rto,
            long cwnd,
            long retransmits,
            long placedBytes,
            long sentBytes) {}

    /** One connection in full. */
    record Details(
            int id,
            String state,
            String local,
            String remote,
            int lcore,
            int client,
            long rttNs,
            long rto,
            long cwnd,
            long retransmits,
            long placedBytes,
            long sentBytes,
            long handle,
            long rttVarNs,
            long minRttNs,
            long ssthresh,
            long sndUna,
            long sndNxt,
            long sndMax,
            long submitted,
            long sndWnd,
            long rcvNxt,
            long rcvPosition,
            long rcvEdge,
            int sndMss,
            int rcvMss,
            long segmentsIn,
            long segmentsOut,
            long outOfOrderIn,
            long dupAcksIn) {}

    List<Item> all() {
        List<Item> items = new ArrayList<>();
        for (int index = 0; index < engine.maxConnections(); index++) {
            if (isLive(index)) {
                items.add(item(index));
            }
        }
        return items;
    }

    boolean isLive(int index) {
        return tcb.wrap(index).stateAcquire() > TcpState.CLOSED;
    }

    int lcore(int index) {
        return Math.min(tcb.wrap(index).lcore(), engine.lcores().size() - 1);
    }

    /** Live connections of a session. */
    int count(int sessionId) {
        int count = 0;
        for (int index = 0; index < engine.maxConnections(); index++) {
            if (isLive(index) && tcb.sessionId() == sessionId) {
                count++;
            }
        }
        return count;
    }

    int count() {
        int count = 0;
        for (int index = 0; index < engine.maxConnections(); index++) {
            count += isLive(index) ? 1 : 0;
        }
        return count;
    }

    /** TCB index of a session's connection, or -1. */
    int find(long handle, int sessionId) {
        int index = Handle.index(handle);
        return index >= 0
                        && index < engine.maxConnections()
                        && isLive(index)
                        && tcb.generation() == Handle.generation(handle)
                        && tcb.lcore() == Handle.lcore(handle)
                        && tcb.sessionId() == sessionId
                ? index
                : -1;
    }

    Details details(int index) {
        Item item = item(index);
        return new Details(
                item.id(),
                item.state(),
                item.local(),
                item.remote(),
                item.lcore(),
                item.client(),
                item.rttNs(),
                item.rto(),
                item.cwnd(),
                item.retransmits(),
                item.placedBytes(),
                item.sentBytes(),
                Handle.of(tcb.lcore(), tcb.generation(), index),
                tcb.rttvarUs() * NS_PER_US,
                tcb.minRttUs() * NS_PER_US,
                Integer.toUnsignedLong(tcb.ssthresh()),
                tcb.sndUna(),
                tcb.sndNxt(),
                tcb.sndMax(),
                tcb.submitted(),
                tcb.sndWnd(),
                tcb.rcvNxt(),
                tcb.rcvPosition(),
                tcb.rcvEdge(),
                tcb.sndMss(),
                tcb.rcvMss(),
                tcb.segmentsIn(),
                tcb.segmentsOut(),
                Integer.toUnsignedLong(tcb.outOfOrderIn()),
                Integer.toUnsignedLong(tcb.dupAcksIn()));
    }

    private Item item(int index) {
        tcb.wrap(index);
        return new Item(
                index,
                TcpState.name(tcb.stateAcquire()),
                endpoint(tcb.localHigh(), tcb.localLow(), tcb.localPort()),
                endpoint(tcb.remoteHigh(), tcb.remoteLow(), tcb.remotePort()),
                tcb.lcore(),
                tcb.sessionId(),
                tcb.srttUs() * NS_PER_US,
                tcb.rtoUs() * NS_PER_US,
                Integer.toUnsignedLong(tcb.cwnd()),
                Integer.toUnsignedLong(tcb.retransmits()),
                tcb.bytesPlaced(),
                tcb.bytesSent());
    }

    /** {@code 10.0.0.2:80} or {@code [fd00::2]:80}. */
    static String endpoint(long high, long low, int port) {
        String address = IpAddress.format(high, low);
        return (IpAddress.isIpv4(high, low) ? address : "[" + address + "]") + ":" + port;
    }
}
