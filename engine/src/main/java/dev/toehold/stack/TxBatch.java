package dev.toehold.stack;

import dev.toehold.ffi.dpdk.MbufArray;

/**
 * Frames of one lcore for one port, in order, between {@link Transmitter} and the driver or the lcore that owns the transmit queue.
 * What the driver does not take stays for the next pass; bounded, and full means that TCP is told to wait.
 */
final class TxBatch {
    static final int CAPACITY = 512;

    private static final int BURST = 64;

    private final LcorePort port;
    private final DispatchRings rings;
    private final int lcore;
    private final StackCounters counters;
    private final PacketBuffers buffers;
    private final MbufArray mbufs = new MbufArray(CAPACITY);
    private int count;

    TxBatch(LcorePort port, DispatchRings rings, int lcore, PacketBuffers buffers, StackCounters counters) {
        this.port = port;
        this.rings = rings;
        this.lcore = lcore;
        this.buffers = buffers;
        this.counters = counters;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    int room() {
        return CAPACITY - count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes a frame; only when not full. */
    void add(long mbuf) {
        mbufs.set(count, mbuf);
        count++;
    }

    /**
     * Hands over what it can.
     *
     * @return frames handed over
     */
    int flush() {
        if (count == 0) {
            return 0;
        }
        int sent = port.txQueue() == LcorePort.NONE ? flushToOwner() : flushToPort();
        for (int i = sent; i < count; i++) {
            mbufs.set(i - sent, mbufs.get(i));
        }
        count -= sent;
        return sent;
    }

    private int flushToPort() {
        int sent = 0;
        while (sent < count) {
            int wanted = Math.min(BURST, count - sent);
            int taken = port.port().txBurst(port.txQueue(), mbufs, sent, wanted);
            sent += taken;
            counters.add(StackCounters.TX_PACKETS, taken);
            if (taken < wanted) {
                break;
            }
        }
        if (sent > 0) {
            counters.txBursts().record(sent);
        }
        return sent;
    }

    private int flushToOwner() {
        int sent = 0;
        while (sent < count && DispatchRings.enqueue(rings.tx(lcore, port.txOwner()), mbufs.get(sent), port.index())) {
            sent++;
        }
        if (sent > 0) {
            rings.ring(port.txOwner());
        }
        return sent;
    }

    /** Frees what was not sent, when the lcore ends. */
    void discard() {
        buffers.free(mbufs, 0, count);
        count = 0;
    }
}
