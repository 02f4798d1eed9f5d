package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What happens to each packet allocates nothing once it is compiled. */
class NetAllocationTest {
    private static final int WARM_UP = 200_000;
    private static final int ROUNDS = 100_000;

    private final MemorySegment tcp4 = Frames.tcp(true, 64);
    private final MemorySegment tcp6 = Frames.tcp(false, 64);
    private final MemorySegment scratch = Memory.allocate(256);
    private final ParsedPacket packet = new ParsedPacket();
    private final TcpOptions options = new TcpOptions();
    private final FlowHash hash = new FlowHash(1, 2);
    private final int[] edges = {1, 2, 3, 4};
    private long sink;

    private void onePacket(MemorySegment frame) {
        sink += Frames.parse(frame, packet);
        sink += options.parse(frame, packet);
        sink += InternetChecksum.isTransportValid(frame, packet, true) ? 1 : 0;
        sink += hash.hash(packet);
        long at = Ethernet.write(scratch, 0, Frames.MAC_A, Frames.MAC_B, packet.etherType());
        at = Ipv4.write(scratch, at, 0, 100, 1, 0, 64, IpProtocol.TCP, 1, 2);
        long tcp = at;
        at = Tcp.write(scratch, tcp, 1, 2, 3, 4, 52, Tcp.ACK, 5, 0);
        at = TcpOptionsWriter.alignedTimestamps(scratch, at, 1, options.tsVal());
        at = TcpOptionsWriter.sack(scratch, at, edges, 2);
        Tcp.fillChecksum(scratch, tcp, (int) (at - tcp), InternetChecksum.pseudoHeader(packet));
        sink += Tcp.checksum(scratch, tcp);
    }

    @Test
    void shouldAllocateNothingPerPacket() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < WARM_UP; i++) {
            onePacket(tcp4);
            onePacket(tcp6);
        }
        // The bean's own call and a late recompilation may allocate a little: far from one object a packet.
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                onePacket(tcp4);
                onePacket(tcp6);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least / ROUNDS, "bytes=" + least + " in packets=" + 2 * ROUNDS + " sink=" + sink);
    }
}
