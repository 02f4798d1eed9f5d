package dev.toehold.control;

import dev.toehold.abi.ControlBody;
import dev.toehold.session.LcoreSessionsProxy;
import dev.toehold.stack.SessionRecords;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What the control thread may know of the engine around it.
 *
 * @param name of the engine
 * @param version of the program
 * @param epoch differs from that of every earlier engine on this state directory
 * @param capabilities bits of {@link dev.toehold.abi.Capability}
 * @param mtu smallest of the ports
 * @param copyEngine name of the copy engine, empty if there is none
 * @param congestionControllers names, first the one of new connections
 * @param adapters of the ports, in their order
 * @param addresses the engine's local addresses, in the order that WELCOME tells and ACCEPT refers to
 * @param congestionControl of new connections, such as {@code cubic}
 * @param tcbs the records of the state file. Read here without any lock: {@link dev.toehold.tcp.TcbSnapshot}
 * @param maxConnections records in it
 * @param copyRegions what makes regions fit for it
 * @param sessions that outlive this engine, and those of earlier ones
 * @param resumeGraceNs how long sessions of earlier engines may be taken up
 * @param lcores by index
 * @param ports as they are now
 * @param mbufsInUse mbufs that neither the pool nor an lcore's cache has; exact only while no lcore works
 */
public record EngineView(
        String name,
        String version,
        long epoch,
        long capabilities,
        int mtu,
        String copyEngine,
        CopyRegions copyRegions,
        List<String> congestionControllers,
        List<ControlBody.Port> adapters,
        List<ControlBody.Address> addresses,
        String congestionControl,
        MemorySegment tcbs,
        int maxConnections,
        SessionRecords sessions,
        long resumeGraceNs,
        List<Lcore> lcores,
        Supplier<List<Port>> ports,
        IntSupplier mbufsInUse) {
    public EngineView {
        congestionControllers = List.copyOf(congestionControllers);
        adapters = List.copyOf(adapters);
        addresses = List.copyOf(addresses);
        lcores = List.copyOf(lcores);
    }

    /**
     * An lcore.
     *
     * @param doorbells what clients write to wake it
     */
    public record Lcore(LcoreSessionsProxy sessions, ClientDoorbells doorbells) {}

    /**
     * A port, as {@code toehold ports} shows it.
     *
     * @param link such as "up 10 Gbit/s", or "down"
     * @param spread who chooses the lcore of a packet: {@code one lcore}, {@code receive queues}, or {@code rings: } and why
     * @param offloads DPDK's names of what the driver has
     * @param capabilities names of what the engine and its clients know of it, as in {@link dev.toehold.abi.Capability#names}
     * @param copyEngine name of the engine's copy engine, or "cpu"
     */
    public record Port(
            String name,
            String driver,
            int mtu,
            String link,
            int rxQueues,
            int txQueues,
            String spread,
            List<String> capabilities,
            String copyEngine,
            List<String> offloads) {
        public Port {
            capabilities = List.copyOf(capabilities);
            offloads = List.copyOf(offloads);
        }
    }
}
