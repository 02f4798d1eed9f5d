package dev.toehold.ffi.dpdk;

import java.lang.foreign.MemorySegment;

/**
 * A transmit queue of a started port: {@code rte_eth_tx_burst} by the driver's own function pointer. One thread at a
 * time. Stopping the port ends it; the thread must have left it before.
 */
public final class TxQueue {
    private final MemorySegment function;
    private final MemorySegment prepare;
    private final long queueData;
    private final boolean critical;

    TxQueue(final long function, final long prepare, final long queueData, final boolean critical) {
        this.function = MemorySegment.ofAddress(function);
        this.prepare = MemorySegment.ofAddress(prepare);
        this.queueData = queueData;
        this.critical = critical;
    }

    /**
     * Gives up to {@code count} packets from {@code from} on to the driver.
     *
     * @return packets taken, from the first on; they are the driver's, the others stay the caller's
     */
    public int burst(final MbufArray mbufs, final int from, final int count) {
        return call(function, mbufs.address(from, count), count);
    }

    /**
     * Does what the driver needs before a burst whose mbufs ask for offloads, such as pseudo-header sums ({@code
     * rte_eth_tx_prepare}).
     *
     * @return packets that may be sent; the one after them asks for something that the port cannot do
     */
    public int prepare(final MbufArray mbufs, final int from, final int count) {
        final long array = mbufs.address(from, count);
        return prepare.address() == 0 ? count : call(prepare, array, count);
    }

    private int call(final MemorySegment target, final long array, final int count) {
        try {
            if (critical) {
                return Short.toUnsignedInt(
                        (short) RxQueue.CRITICAL.invokeExact(target, queueData, array, (short) count));
            }
            return Short.toUnsignedInt((short) RxQueue.PLAIN.invokeExact(target, queueData, array, (short) count));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
