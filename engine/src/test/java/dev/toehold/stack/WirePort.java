package dev.toehold.stack;

import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.port.Adapter;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortCounters;
import dev.toehold.port.PortLink;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.function.LongToIntFunction;
import java.util.stream.Stream;

/** One end of a wire between two stacks of one thread: mbufs that one sends, the other receives, less those that a seed loses. */
final class WirePort implements PacketPort {
    private static final int MAX_QUEUES = 4;

    private final List<ArrayDeque<Long>> queues =
            Stream.generate(ArrayDeque<Long>::new).limit(MAX_QUEUES).toList();
    private final MbufArray lost = new MbufArray(1);
    private final Random random;
    private final int lossPercent;
    private WirePort peer;
    FragmentingWire fragmenting;
    LongConsumer onReceive = mbuf -> {};

    /** Receive queue of a frame. */
    LongToIntFunction queueOf = mbuf -> 0;

    int accept = Integer.MAX_VALUE;

    private WirePort(Random random, int lossPercent) {
        this.random = random;
        this.lossPercent = lossPercent;
    }

    static WirePort[] pair(Random random, int lossPercent) {
        WirePort left = new WirePort(random, lossPercent);
        WirePort right = new WirePort(random, lossPercent);
        left.peer = right;
        right.peer = left;
        return new WirePort[] {left, right};
    }

    @Override
    public int rxBurst(int queue, MbufArray mbufs, int from, int count) {
        ArrayDeque<Long> received = queues.get(queue);
        int taken = 0;
        while (taken < count && !received.isEmpty()) {
            mbufs.set(from + taken, received.poll());
            onReceive.accept(mbufs.get(from + taken));
            taken++;
        }
        return taken;
    }

    @Override
    public int txBurst(int queue, MbufArray mbufs, int from, int count) {
        int taken = Math.min(count, accept);
        for (int i = 0; i < taken; i++) {
            if (random.nextInt(100) < lossPercent) {
                lost.set(0, mbufs.get(from + i));
                PktMbufPool.free(lost, 0, 1);
            } else if (fragmenting != null) {
                fragmenting.carry(mbufs.get(from + i), peer::arrive);
            } else {
                peer.arrive(mbufs.get(from + i));
            }
        }
        return taken;
    }

    private void arrive(long mbuf) {
        queues.get(queueOf.applyAsInt(mbuf)).add(mbuf);
    }

    @Override
    public Adapter adapter() {
        return new Adapter(
                "wire", "wire", 0, 1500, 1514, 1, 1, List.of(), List.of(), false, false, false, false, false, false,
                true, true, 0, -1, "");
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
        for (ArrayDeque<Long> received : queues) {
            for (long mbuf : received) {
                lost.set(0, mbuf);
                PktMbufPool.free(lost, 0, 1);
            }
            received.clear();
        }
    }
}
