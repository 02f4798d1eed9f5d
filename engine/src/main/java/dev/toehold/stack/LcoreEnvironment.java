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
 * @param resumeGraceNs how long connections of an earlier engine wait for their clients
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
        long resumeGraceNs,
        ErrorHandler errorHandler) {
    private static final long RESUME_GRACE_NS = 30_000_000_000L;

    public LcoreEnvironment {
        ports = List.copyOf(ports);
    }

    /** With the grace time that the configuration has by default. */
    public LcoreEnvironment(
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
        this(
                lcore,
                ports,
                stateFile,
                rings,
                pool,
                addresses,
                routes,
                tcpConfig,
                randomSeed,
                RESUME_GRACE_NS,
                errorHandler);
    }
}
