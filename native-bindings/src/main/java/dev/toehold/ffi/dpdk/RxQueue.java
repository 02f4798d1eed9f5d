package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A receive queue of a started port: {@code rte_eth_rx_burst} by the driver's own function pointer. One thread at a
 * time. Stopping the port ends it; the thread must have left it before.
 */
public final class RxQueue {
    /** {@code eth_rx_burst_t} and {@code eth_tx_burst_t}, which go by address. */
    static final FunctionDescriptor BURST_TYPE = FunctionDescriptor.of(JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_SHORT);

    static final MethodHandle CRITICAL =
            Linker.nativeLinker().downcallHandle(BURST_TYPE, Linker.Option.critical(false));
    static final MethodHandle PLAIN = Linker.nativeLinker().downcallHandle(BURST_TYPE);

    private final MemorySegment function;
    private final long queueData;
    private final boolean critical;

    RxQueue(final long function, final long queueData, final boolean critical) {
        this.function = MemorySegment.ofAddress(function);
        this.queueData = queueData;
        this.critical = critical;
    }

    /**
     * Receives up to {@code count} packets into {@code mbufs} from {@code from} on. Never blocks.
     *
     * @return packets received; they are the caller's to free
     */
    public int burst(final MbufArray mbufs, final int from, final int count) {
        final long array = mbufs.address(from, count);
        try {
            if (critical) {
                return Short.toUnsignedInt((short) CRITICAL.invokeExact(function, queueData, array, (short) count));
            }
            return Short.toUnsignedInt((short) PLAIN.invokeExact(function, queueData, array, (short) count));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
