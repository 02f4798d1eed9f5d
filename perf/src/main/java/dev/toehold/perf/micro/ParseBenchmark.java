package dev.toehold.perf.micro;

import dev.toehold.net.Ethernet;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.IpAddress;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.Ipv4;
import dev.toehold.net.MacAddress;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.Tcp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a received full-sized segment costs before it meets its TCB: headers read and checked, TCP's checksum verified. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParseBenchmark {
    private static final int TEXT_LENGTH = 1460;
    private static final int L4_LENGTH = Tcp.MIN_HEADER_LENGTH + TEXT_LENGTH;
    private static final int FRAME_LENGTH = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + L4_LENGTH;
    private static final int HOP_LIMIT = 64;
    private static final int WINDOW = 0xffff;

    private final MemorySegment frame = Arena.global().allocate(FRAME_LENGTH, 64);
    private final ParsedPacket packet = new ParsedPacket();

    /** Writes the frame. */
    @Setup
    public void write() {
        IpAddress source = IpAddress.parse("198.18.0.1");
        IpAddress destination = IpAddress.parse("198.18.0.2");
        long l3 = Ethernet.write(
                frame,
                0,
                MacAddress.parse("02:00:00:00:00:01"),
                MacAddress.parse("02:00:00:00:00:02"),
                Ethernet.TYPE_IPV4);
        long l4 = Ipv4.write(
                frame,
                l3,
                0,
                Ipv4.MIN_HEADER_LENGTH + L4_LENGTH,
                1,
                Ipv4.DONT_FRAGMENT,
                HOP_LIMIT,
                IpProtocol.TCP,
                source.ipv4(),
                destination.ipv4());
        long text = Tcp.write(frame, l4, 40_000, 80, 1, 1, Tcp.MIN_HEADER_LENGTH, Tcp.ACK, WINDOW, 0);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < TEXT_LENGTH; i++) {
            frame.set(ValueLayout.JAVA_BYTE, text + i, (byte) random.nextInt());
        }
        PacketParser.parse(frame, FRAME_LENGTH, packet);
        Tcp.fillChecksum(frame, l4, L4_LENGTH, InternetChecksum.pseudoHeader(packet));
        if (parseAndVerify() != ParseResult.TCP4) {
            throw new IllegalStateException("the frame of this benchmark is not valid");
        }
    }

    /** Headers alone. */
    @Benchmark
    public int parse() {
        return PacketParser.parse(frame, FRAME_LENGTH, packet);
    }

    /** Headers and the sum of all 1,460 bytes. */
    @Benchmark
    public int parseAndVerify() {
        int result = PacketParser.parse(frame, FRAME_LENGTH, packet);
        return result == ParseResult.TCP4 && !InternetChecksum.isTransportValid(frame, packet, false) ? -1 : result;
    }
}
