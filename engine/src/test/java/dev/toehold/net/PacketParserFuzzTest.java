package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Mutated frames through every reader. The memory is a slice of exactly the frame's length, so that one byte read beyond it is
 * an exception. Checksums are repaired in half of the rounds; otherwise few mutants would get past them.
 */
class PacketParserFuzzTest {
    private static final int ROUNDS = 200_000;
    private static final int LEAD = 3;
    private static final int CAPACITY = 2048;

    private final ParsedPacket packet = new ParsedPacket();
    private final TcpOptions options = new TcpOptions();
    private final NdpMessage ndp = new NdpMessage();
    private final IcmpError error = new IcmpError();
    private final int[] classes = new int[ParseResult.CLASS_COUNT];
    private final int[] drops = new int[ParseResult.DROP_COUNT];
    private long sink;

    private static List<MemorySegment> corpus() {
        List<MemorySegment> frames = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            frames.add(Frames.tcp(ipv4, 0));
            frames.add(Frames.tcp(ipv4, 100));
            frames.add(Frames.echo(ipv4, 56));
        }
        frames.add(Frames.icmpError(true, 3, 4, 1400, 28));
        frames.add(Frames.icmpError(false, 2, 0, 1400, 60));
        frames.add(Frames.tcpBehind(
                IpProtocol.HOP_BY_HOP, "3c00 0502 0000 0100 2b00 0104 00000000 2c00 0400 00000000 0600 0000 00000001"));
        frames.add(Frames.tcpBehind(IpProtocol.FRAGMENT, "0600 0001 00000001"));
        MemorySegment memory = Memory.allocate(CAPACITY);
        long[] groups = {IpAddress.LINK_MULTICAST_HI, IpAddress.solicitedNodeLo(2)};
        int[] lengths = new int[5];
        for (int i = 0; i < lengths.length; i++) {
            int length = switch (i) {
                case 0 -> FrameWriter.arpRequest(memory, 0, MacAddress.BROADCAST, Frames.MAC_A, 1, 2);
                case 1 ->
                    NdpWriter.neighborSolicitation(
                            memory, 0, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo(), Frames.B6.hi(), 2);
                case 2 -> NdpWriter.unsolicitedAdvertisement(memory, 0, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo());
                case 3 -> NdpWriter.routerSolicitation(memory, 0, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo());
                default ->
                    MldWriter.report(
                            memory,
                            0,
                            Frames.MAC_A,
                            IpAddress.LINK_LOCAL_HI,
                            1,
                            MldWriter.CHANGE_TO_EXCLUDE,
                            groups,
                            1);
            };
            MemorySegment frame = Memory.allocate(length);
            MemorySegment.copy(memory, 0, frame, 0, length);
            frames.add(frame);
        }
        return frames;
    }

    @Test
    void shouldNeverThrowNorReadBeyondTheFrame() {
        long seed = Long.getLong("toehold.fuzz.seed", new Random().nextLong());
        System.out.println("PacketParserFuzzTest: -Dtoehold.fuzz.seed=" + seed);
        Random random = new Random(seed);
        List<MemorySegment> corpus = corpus();
        MemorySegment buffer = Memory.allocate(CAPACITY);
        for (int round = 0; round < ROUNDS; round++) {
            MemorySegment original = corpus.get(random.nextInt(corpus.size()));
            int length = (int) original.byteSize();
            if (random.nextInt(8) == 0) {
                length = random.nextInt(length + 40);
            }
            MemorySegment frame = buffer.asSlice(0, LEAD + length);
            MemorySegment.copy(original, 0, frame, LEAD, Math.min(length, original.byteSize()));
            mutate(frame, random, length);
            try {
                read(frame, length, random.nextBoolean());
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "seed=" + seed + " round=" + round + " frame=" + Memory.toHex(frame, LEAD, length), e);
            }
        }
        assertTrue(sink != 0, "no ARP packet got through");
        for (int i = 0; i < classes.length; i++) {
            assertTrue(classes[i] > 100, "seed=" + seed + " class=" + ParseResult.name(i) + " count=" + classes[i]);
        }
        for (int i = 0; i < drops.length; i++) {
            assertTrue(drops[i] > 10, "seed=" + seed + " drop=" + ParseResult.name(~i) + " count=" + drops[i]);
        }
    }

    private static void mutate(MemorySegment frame, Random random, int length) {
        if (length == 0) {
            return;
        }
        for (int count = random.nextInt(6); count > 0; count--) {
            // Headers are where mistakes are: most changes go to the first 100 bytes behind the MAC addresses.
            int at = random.nextInt(4) == 0 ? random.nextInt(length) : Math.min(length - 1, 12 + random.nextInt(100));
            int old = Wire.u8(frame, LEAD + at);
            int value = switch (random.nextInt(5)) {
                case 0 -> old ^ (1 << random.nextInt(8));
                case 1 -> 0;
                case 2 -> 0xFF;
                case 3 -> old + random.nextInt(5) - 2;
                default -> random.nextInt(256);
            };
            Wire.put8(frame, LEAD + at, value);
        }
        if (random.nextBoolean() && length >= 14 + 60 && Wire.u16(frame, LEAD + 12) == Ethernet.TYPE_IPV4) {
            Frames.fixIpv4(frame, LEAD + 14);
        }
    }

    private void read(MemorySegment frame, int length, boolean repair) {
        int result = PacketParser.parse(frame, LEAD, length, repair ? 1 : 0, packet);
        if (result < 0) {
            drops[~result]++;
            return;
        }
        classes[result]++;
        if (result == ParseResult.ARP) {
            long l3 = packet.l3Offset();
            sink += Arp.senderMac(frame, l3) + Arp.targetMac(frame, l3) + Arp.targetAddress(frame, l3);
            assertTrue(l3 + Arp.LENGTH <= LEAD + (long) length);
            return;
        }
        if (packet.family() == 0) {
            return;
        }
        long end = LEAD + (long) length;
        assertTrue(packet.l3Offset() + packet.l3Length() <= end);
        assertTrue(packet.l4Offset() + packet.l4Length() <= end);
        if (ParseResult.isTcp(result)) {
            assertTrue(packet.payloadLength() >= 0 && packet.payloadOffset() + packet.payloadLength() <= end);
            InternetChecksum.isTransportValid(frame, packet, true);
            options.parse(frame, packet);
            assertTrue(options.sackBlockCount() <= TcpOptions.MAX_SACK_BLOCKS);
        } else if (result == ParseResult.ICMP4 || result == ParseResult.ICMP6) {
            readIcmp(frame, repair);
        }
    }

    private void readIcmp(MemorySegment frame, boolean repair) {
        long l4 = packet.l4Offset();
        if (repair) {
            Wire.put16(frame, l4 + Icmpv6.CHECKSUM, 0);
            int pseudoHeader = packet.family() == 4 ? 0 : InternetChecksum.pseudoHeader(packet);
            int sum = InternetChecksum.sum(frame, l4, packet.l4Length()) + pseudoHeader;
            Wire.put16(frame, l4 + Icmpv6.CHECKSUM, InternetChecksum.complement(sum));
            assertTrue(InternetChecksum.isTransportValid(frame, packet, false));
        }
        if (packet.family() == 6) {
            ndp.parse(frame, packet);
        }
        error.parse(frame, packet);
        int length = FrameWriter.echoReply(
                frame,
                packet.frameOffset(),
                frame,
                packet,
                Frames.MAC_B,
                packet.destinationHi(),
                packet.destinationLo(),
                64);
        assertTrue(length <= packet.frameLength());
    }
}
