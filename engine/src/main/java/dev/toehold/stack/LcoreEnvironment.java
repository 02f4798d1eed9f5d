package dev.toehold.stack;

import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.tcp.TcpConfig;
import java.util.List;
import org.agrona.ErrorHandler;

/**
 * What the engine gives to the stack of an lcore. Everything but {@code lcore}, {@code ports} and {@code randomSeed} is shared.
 *
 * @param lcore 0 to the state file's lcore count - 1
 * @param ports all ports of the engine in the order of their indexes, as this lcore sees them
 * @param pool of all ports and lcores; null for a stack whose mbufs are not DPDK's
 * @param errorHandler takes bugs met at work on a connection; called from every lcore
 */
public record LcoreEnvironment(
        int lcore,
        List<LcorePort> ports,
        StateFile stateFile,
        DispatchRings rings,
        PktMbufPool pool,
        LocalAddresses addresses,
        Routes routes,
        TcpConfig tcpConfig,
        long randomSeed,
        ErrorHandler errorHandler) {
    public LcoreEnvironment {
        ports = List.copyOf(ports);
    }
}
