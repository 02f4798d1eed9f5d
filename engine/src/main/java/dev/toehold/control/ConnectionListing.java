package dev.toehold.control;

import dev.toehold.abi.Handle;
import dev.toehold.net.IpAddress;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbSnapshot;
import dev.toehold.tcp.TcpState;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections as the management sees them: read from the mapped TCBs while their lcores go on writing, by {@link TcbSnapshot}. Good for
 * people and graphs, for no decision.
 */
final class ConnectionListing {
    private static final long NS_PER_US = 1_000;

    private final EngineView engine;
    private final Tcb tcb;
    private final TcbSnapshot snapshot;

    ConnectionListing(EngineView engine) {
        this.engine = engine;
        snapshot = new TcbSnapshot(engine.tcbs());
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

    List<Item> all() {
        List<Item> items = new ArrayList<>();
        for (int index = 0; index < engine.maxConnections(); index++) {
            if (isLive(index)) {
                Tcb copy = snapshot.take(index);
                if (copy.state() > TcpState.CLOSED) {
                    items.add(item(index, copy));
                }
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

    /** Null if the connection is gone. */
    ConnectionDetails details(int index) {
        Tcb copy = snapshot.take(index);
        if (copy.state() <= TcpState.CLOSED) {
            return null;
        }
        int lcore = Math.min(copy.lcore(), engine.lcores().size() - 1);
        return ConnectionDetails.of(
                item(index, copy),
                copy,
                snapshot.isStable(),
                engine,
                engine.lcores().get(lcore).sessions(),
                System.nanoTime());
    }

    private static Item item(int index, Tcb copy) {
        return new Item(
                index,
                TcpState.name(copy.state()),
                endpoint(copy.localHigh(), copy.localLow(), copy.localPort()),
                endpoint(copy.remoteHigh(), copy.remoteLow(), copy.remotePort()),
                copy.lcore(),
                copy.sessionId(),
                copy.srttUs() * NS_PER_US,
                copy.rtoUs() * NS_PER_US,
                Integer.toUnsignedLong(copy.cwnd()),
                Integer.toUnsignedLong(copy.retransmits()),
                copy.bytesPlaced(),
                copy.bytesSent());
    }

    /** {@code 10.0.0.2:80} or {@code [fd00::2]:80}. */
    static String endpoint(long high, long low, int port) {
        String address = IpAddress.format(high, low);
        return (IpAddress.isIpv4(high, low) ? address : "[" + address + "]") + ":" + port;
    }
}
