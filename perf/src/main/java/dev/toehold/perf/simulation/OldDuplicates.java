package dev.toehold.perf.simulation;

import dev.toehold.net.InternetChecksum;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * What PAWS is for (RFC 7323 section 5): a segment that the network kept until its sequence number came round again. It is made of a
 * segment of today by other bytes and a timestamp of days ago; only where the connection has timestamps, since nothing else could tell.
 */
final class OldDuplicates {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int TIMESTAMPS_LENGTH = 10;

    /** In ms: older than any connection of a simulation, younger than the 24 days after which a timestamp says nothing. */
    private static final int LEAST_AGE = 1 << 28;

    private static final int AGES = 1 << 29;

    private final SplittableRandom random;
    private final ParsedPacket packet = new ParsedPacket();

    OldDuplicates(SplittableRandom random) {
        this.random = random;
    }

    /** An old duplicate in the place of this frame, or null if it is none that could have one. */
    byte[] of(byte[] frame) {
        int result = PacketParser.parse(MemorySegment.ofArray(frame), frame.length, packet);
        boolean fits = ParseResult.isTcp(result)
                && packet.payloadLength() > 0
                && (packet.flags() & (Tcp.SYN | Tcp.FIN | Tcp.RST)) == 0;
        if (!fits) {
            return null;
        }
        byte[] old = frame.clone();
        MemorySegment memory = MemorySegment.ofArray(old);
        long timestamps = findTimestamps(old);
        if (timestamps < 0) {
            return null;
        }
        int age = LEAST_AGE + random.nextInt(AGES);
        memory.set(INT, timestamps + 2, memory.get(INT, timestamps + 2) - age);
        for (int i = (int) packet.payloadOffset(); i < packet.payloadOffset() + packet.payloadLength(); i++) {
            old[i] ^= 0x55;
        }
        int pseudoHeader = InternetChecksum.pseudoHeader(
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationHi(),
                packet.destinationLo(),
                IpProtocol.TCP,
                packet.l4Length());
        Tcp.fillChecksum(memory, packet.l4Offset(), packet.l4Length(), pseudoHeader);
        return old;
    }

    private long findTimestamps(byte[] frame) {
        long end = packet.optionsOffset() + packet.optionsLength();
        for (long at = packet.optionsOffset(); at + TIMESTAMPS_LENGTH <= end; ) {
            int kind = frame[(int) at];
            if (kind == TcpOptions.KIND_TIMESTAMPS) {
                return at;
            }
            if (kind == TcpOptions.KIND_END) {
                return -1;
            }
            at += kind == TcpOptions.KIND_NOP ? 1 : Math.max(2, frame[(int) at + 1]);
        }
        return -1;
    }
}
