package dev.toehold.engine.rehearsal;

import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.port.Adapter;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortCounters;
import dev.toehold.port.PortLink;
import dev.toehold.port.TruncationGuard;
import java.util.List;

/** One end of a wire within one thread: what one end sends, the other receives, in order and at once. */
final class RehearsalWire implements PacketPort {
    private static final int SLOTS = 256;
    private static final int ETHERNET_HEADER = 14;

    private final Adapter adapter;
    private final TruncationGuard guard;
    private final MbufArray waiting = new MbufArray(SLOTS);
    private int first;
    private int count;
    private RehearsalWire peer;

    private RehearsalWire(String name, long mac, int mtu) {
        guard = new TruncationGuard(mtu + ETHERNET_HEADER + 1);
        adapter = new Adapter(
                name,
                "rehearsal",
                mac,
                mtu,
                mtu + ETHERNET_HEADER,
                1,
                1,
                List.of(),
                List.of(),
                false,
                false,
                false,
                false,
                false,
                false,
                true,
                true,
                0,
                -1,
                "");
    }

    static RehearsalWire[] pair(long leftMac, long rightMac, int mtu) {
        RehearsalWire left = new RehearsalWire("left", leftMac, mtu);
        RehearsalWire right = new RehearsalWire("right", rightMac, mtu);
        left.peer = right;
        right.peer = left;
        return new RehearsalWire[] {left, right};
    }

    @Override
    public Adapter adapter() {
        return adapter;
    }

    @Override
    public int rxBurst(int queue, MbufArray mbufs, int from, int most) {
        int taken = Math.min(most, count);
        for (int i = 0; i < taken; i++) {
            mbufs.set(from + i, waiting.get(first));
            first = (first + 1) % SLOTS;
        }
        count -= taken;
        return guard.filter(mbufs, from, taken);
    }

    @Override
    public int txBurst(int queue, MbufArray mbufs, int from, int most) {
        int taken = Math.min(most, SLOTS - peer.count);
        for (int i = 0; i < taken; i++) {
            peer.waiting.set((peer.first + peer.count) % SLOTS, mbufs.get(from + i));
            peer.count++;
        }
        return taken;
    }

    @Override
    public int wakeFd(int queue) {
        return NO_WAKE_FD;
    }

    @Override
    public int takeWakeError(int queue) {
        return 0;
    }

    @Override
    public PortLink link() {
        return new PortLink(true, 0);
    }

    @Override
    public PortCounters counters() {
        return new PortCounters(0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        for (; count > 0; count--) {
            PktMbufPool.free(waiting, first, 1);
            first = (first + 1) % SLOTS;
        }
    }
}
