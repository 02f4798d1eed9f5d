package dev.toehold.perf.simulation;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.port.Adapter;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortCounters;
import dev.toehold.port.PortLink;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;

/** One end of the virtual link as an engine's port: frames are copied between mbufs and the link. */
final class SimulatedPort implements PacketPort {
    /** Frames that a receive queue holds; more are dropped, as by a driver. */
    private static final int QUEUE = 512;

    private final int side;
    private final VirtualLink link;
    private final PlainBuffers buffers;
    private final SplittableRandom random;
    private final double refusal;
    private final FaultCounts faults;
    private final ArrayDeque<byte[]> received = new ArrayDeque<>();
    private long nowNs;

    SimulatedPort(
            int side,
            VirtualLink link,
            PlainBuffers buffers,
            SplittableRandom random,
            double refusal,
            FaultCounts faults) {
        this.side = side;
        this.link = link;
        this.buffers = buffers;
        this.random = random;
        this.refusal = refusal;
        this.faults = faults;
    }

    void now(long value) {
        nowNs = value;
    }

    void receive(byte[] frame) {
        if (received.size() < QUEUE) {
            received.add(frame);
        }
    }

    @Override
    public int rxBurst(int queue, MbufArray mbufs, int from, int count) {
        int taken = 0;
        while (taken < count && !received.isEmpty()) {
            byte[] frame = received.remove();
            long mbuf = buffers.take();
            if (mbuf == 0 || !Mbuf.setLength(mbuf, frame.length)) {
                throw new SimulationFailure("no mbuf for a received frame");
            }
            MemorySegment.copy(MemorySegment.ofArray(frame), 0, buffers.memory(), buffers.offset(mbuf), frame.length);
            mbufs.set(from + taken, mbuf);
            taken++;
        }
        return taken;
    }

    @Override
    public int txBurst(int queue, MbufArray mbufs, int from, int count) {
        for (int i = 0; i < count; i++) {
            if (refusal > 0 && random.nextDouble() < refusal) {
                faults.strike(Fault.PORT_FULL);
                return i;
            }
            long mbuf = mbufs.get(from + i);
            byte[] frame = new byte[Mbuf.dataLength(mbuf)];
            MemorySegment.copy(buffers.memory(), buffers.offset(mbuf), MemorySegment.ofArray(frame), 0, frame.length);
            buffers.free(mbuf);
            link.send(side, frame, nowNs);
        }
        return count;
    }

    @Override
    public Adapter adapter() {
        return new Adapter(
                "simulated",
                "simulated",
                0,
                9000,
                9018,
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
        received.clear();
    }
}
