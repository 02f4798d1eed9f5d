package dev.toehold.control;

import dev.toehold.abi.ControlBody;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.session.LcoreSessionsProxy;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the control thread may know of the engine around it.
 *
 * @param name of the engine
 * @param version of the program
 * @param epoch differs from that of every earlier engine on this state directory
 * @param capabilities bits of {@link dev.toehold.abi.Capability}
 * @param mtu smallest of the ports
 * @param addresses the engine's local addresses, in the order that WELCOME tells and ACCEPT refers to
 * @param congestionControl of new connections, such as {@code cubic}
 * @param tcbs the records of the state file. Read here without any lock: {@link dev.toehold.tcp.TcbSnapshot}
 * @param maxConnections records in it
 * @param lcores by index
 * @param ports as they are now
 */
public record EngineView(
        String name,
        String version,
        long epoch,
        long capabilities,
        int mtu,
        List<ControlBody.Address> addresses,
        String congestionControl,
        MemorySegment tcbs,
        int maxConnections,
        List<Lcore> lcores,
        Supplier<List<Port>> ports) {
    public EngineView {
        addresses = List.copyOf(addresses);
        lcores = List.copyOf(lcores);
    }

    /**
     * An lcore.
     *
     * @param doorbell what a client writes to wake it
     */
    public record Lcore(LcoreSessionsProxy sessions, EventFd doorbell) {}

    /**
     * A port, as {@code toehold ports} shows it.
     *
     * @param link such as "up 10 Gbit/s", or "down"
     */
    public record Port(String name, String driver, int mtu, String link, List<String> offloads) {
        public Port {
            offloads = List.copyOf(offloads);
        }
    }
}
