package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.InternetChecksum;
import dev.toehold.net.IpAddress;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import dev.toehold.tcp.Requirement;
import dev.toehold.tcp.TxSegment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentWriterTest {
    private static final int OFFSET = 3;

    private final MemorySegment memory = Arena.ofAuto().allocate(2048);
    private final SegmentWriter writer = new SegmentWriter(64);
    private final ParsedPacket packet = new ParsedPacket();

    @ParameterizedTest
    @CsvSource({"10.0.0.2, 10.0.0.1", "fd00::2, fd00::1"})
    @Requirement(rfc = 9293, id = "MUST-2", clause = "3.1")
    void shouldWriteWhatTheParserReads(String localText, String remoteText) {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        IpAddress local = IpAddress.parse(localText);
        IpAddress remote = IpAddress.parse(remoteText);
        for (int i = 0; i < 2_000; i++) {
            TxSegment segment = segment(random);
            int headers = SegmentWriter.headersLength(local.isIpv4(), segment);
            for (int at = 0; at < segment.payloadLength; at++) {
                memory.set(ValueLayout.JAVA_BYTE, OFFSET + headers + at, (byte) random.nextInt());
            }
            int length = writer.write(
                    memory,
                    OFFSET,
                    0x020000000001L,
                    0x020000000002L,
                    local.hi(),
                    local.lo(),
                    remote.hi(),
                    remote.lo(),
                    80,
                    50_000,
                    0x12345,
                    segment,
                    false);
            assertEquals(headers + segment.payloadLength, length);
            int result = PacketParser.parse(memory, OFFSET, length, 0, packet);
            assertEquals(local.isIpv4() ? ParseResult.TCP4 : ParseResult.TCP6, result, () -> "seed=" + seed);
            assertTrue(InternetChecksum.isTransportValid(memory, packet, false), () -> "seed=" + seed);
            check(segment, local);
        }
    }

    private TxSegment segment(Random random) {
        TxSegment segment = new TxSegment();
        segment.userTimeout = -1;
        segment.windowScale = -1;
        segment.seq = random.nextInt();
        segment.ack = random.nextInt();
        segment.flags = random.nextBoolean() ? Tcp.ACK : Tcp.SYN | Tcp.ACK;
        segment.window = random.nextInt(65_536);
        segment.timestamps = random.nextBoolean();
        segment.tsVal = random.nextInt();
        segment.tsEcr = random.nextInt();
        if (segment.has(Tcp.SYN)) {
            segment.userTimeout = random.nextBoolean() ? random.nextInt(65_536) : -1;
            segment.mss = 1460;
            segment.sackPermitted = random.nextBoolean();
            segment.windowScale = random.nextInt(16) - 1;
        } else {
            segment.sackCount = random.nextInt(segment.timestamps ? 4 : 5);
            segment.payloadLength = random.nextInt(1_400);
        }
        segment.ecn = random.nextInt(4);
        return segment;
    }

    private void check(TxSegment segment, IpAddress local) {
        assertEquals(segment.seq, packet.seq());
        assertEquals(segment.ack, packet.ack());
        assertEquals(segment.flags, packet.flags());
        assertEquals(segment.window, packet.window());
        assertEquals(segment.payloadLength, packet.payloadLength());
        assertEquals(segment.ecn, packet.ecn());
        assertEquals(local.lo(), packet.sourceLo());
        TcpOptions options = new TcpOptions();
        assertEquals(TcpOptions.OK, options.parse(memory, packet));
        assertEquals(segment.timestamps, options.hasTimestamps());
        assertEquals(segment.mss != 0, options.has(TcpOptions.HAS_MSS));
        assertEquals(segment.windowScale >= 0, options.has(TcpOptions.HAS_WINDOW_SCALE));
        assertEquals(segment.sackPermitted, options.has(TcpOptions.HAS_SACK_PERMITTED));
        assertEquals(segment.sackCount > 0, options.has(TcpOptions.HAS_SACK));
        assertEquals(segment.userTimeout >= 0, options.has(TcpOptions.HAS_USER_TIMEOUT));
    }
}
