package dev.toehold.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071, RFC 1624).
 *
 * <p>A <em>sum</em> is a ones' complement sum of big-endian 16-bit words folded to 0..0xFFFF; sums add up as plain ints (up to
 * 32,767 of them) and {@link #complement} folds the result and turns it into the checksum field.
 *
 * <p>What is summed must not change meanwhile: received payload is summed in the mbuf and then copied out, payload to be sent is
 * copied into the mbuf and then summed. Memory that a client can write is never summed in place. A loop that copies and sums at
 * once was tried and is no part of this class: the compiler turns a plain sum and a plain copy into vector code, the fused loop
 * stays scalar and takes twice as long at 1,460 bytes.
 */
public final class InternetChecksum {
    /** What {@link #sum} of a valid datagram with its pseudo-header folds to. */
    private static final int VALID = 0xFFFF;

    private static final int UDP_CHECKSUM_OFFSET = 6;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW_HALF = 0xFFFF_FFFFL;

    private InternetChecksum() {}

    /**
     * Sum of {@code length} bytes at any {@code offset}, the first byte taken as the high half of a word and an odd last byte
     * padded with zero.
     */
    public static int sum(MemorySegment memory, long offset, int length) {
        // Words are added in native order and the bytes swapped once at the end (RFC 1071 section 2 (B)). The loop is
        // kept
        // this plain because C2 vectorises it; unrolled by hand or with end-around carries it is three times slower.
        long sum = 0;
        int words = length & ~7;
        for (int i = 0; i < words; i += 8) {
            long word = memory.get(LONG, offset + i);
            sum += (word & LOW_HALF) + (word >>> 32);
        }
        long at = offset + words;
        if ((length & 4) != 0) {
            sum += memory.get(INT, at) & LOW_HALF;
            at += 4;
        }
        if ((length & 2) != 0) {
            sum += memory.get(SHORT, at) & 0xFFFF;
            at += 2;
        }
        if ((length & 1) != 0) {
            int last = memory.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            sum += LITTLE_ENDIAN ? last : last << 8;
        }
        int folded = fold(sum);
        return LITTLE_ENDIAN ? swap(folded) : folded;
    }

    /**
     * Sum of two consecutive ranges from their own sums, where the first may have an odd length: the second's words then lie
     * across the first's and its bytes change places (RFC 1071 section 2 (B)).
     */
    public static int concatenate(int firstSum, long firstLength, int secondSum) {
        return fold(firstSum + ((firstLength & 1) == 0 ? secondSum : swap(secondSum)));
    }

    /** Folds added-up sums to 16 bits. */
    public static int fold(int sum) {
        int once = (sum & 0xFFFF) + (sum >>> 16);
        return (once & 0xFFFF) + (once >>> 16);
    }

    /** Folds and complements added-up sums: the value of a checksum field. */
    public static int complement(int sum) {
        return ~fold(sum) & 0xFFFF;
    }

    /**
     * Where the checksum field of a TCP or UDP packet is, if it holds no more than the un-complemented sum of the pseudo-header.
     *
     * @return bytes from the transport header, -1 if the field holds something else, or the packet is of another protocol
     */
    public static int partialField(MemorySegment memory, ParsedPacket packet) {
        int field = switch (packet.protocol()) {
            case IpProtocol.TCP -> Tcp.CHECKSUM;
            case IpProtocol.UDP -> UDP_CHECKSUM_OFFSET;
            default -> -1;
        };
        return field >= 0
                        && packet.l4Length() >= field + Short.BYTES
                        && Wire.u16(memory, packet.l4Offset() + field) == pseudoHeader(packet)
                ? field
                : -1;
    }

    /**
     * Sum of the pseudo-header of either family (RFC 9293 section 3.1, RFC 8200 section 8.1).
     *
     * <p>One function serves both: the 0xFFFF in front of an IPv4-mapped address is zero in ones' complement arithmetic, and
     * the two pseudo-headers otherwise sum the same values.
     *
     * @param length bytes of the upper-layer header and its payload
     */
    public static int pseudoHeader(
            long sourceHi, long sourceLo, long destinationHi, long destinationLo, int protocol, int length) {
        long sum = halves(sourceHi) + halves(sourceLo) + halves(destinationHi) + halves(destinationLo);
        return fold(sum + protocol + length);
    }

    /** {@link #pseudoHeader(long, long, long, long, int, int)} of a received packet. */
    public static int pseudoHeader(ParsedPacket packet) {
        return pseudoHeader(
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationHi(),
                packet.destinationLo(),
                packet.protocol(),
                packet.l4Length());
    }

    /** The checksum after a 16-bit word under it changed, without a second look at the rest (RFC 1624 equation 3). */
    public static int update16(int checksum, int oldWord, int newWord) {
        return complement((~checksum & 0xFFFF) + (~oldWord & 0xFFFF) + (newWord & 0xFFFF));
    }

    /** {@link #update16} for a 32-bit word that begins at an even distance from the first byte summed. */
    public static int update32(int checksum, int oldWord, int newWord) {
        return complement(
                (~checksum & 0xFFFF) + (~oldWord & 0xFFFF) + (~oldWord >>> 16) + (newWord & 0xFFFF) + (newWord >>> 16));
    }

    /** Whether an IPv4 header of {@code headerLength} bytes carries the right checksum. */
    public static boolean isIpv4HeaderValid(MemorySegment memory, long offset, int headerLength) {
        return sum(memory, offset, headerLength) == VALID;
    }

    /** Whether an IPv4 header is right, from its first 20 bytes as big-endian words and the sum of its options. */
    static boolean isIpv4HeaderValid(long first, long second, int destination, int optionsSum) {
        return fold(halves(first) + halves(second) + (destination & LOW_HALF) + optionsSum) == VALID;
    }

    /**
     * Whether the TCP, ICMP or ICMPv6 checksum of a packet parsed without a drop reason, and no fragment, is right.
     *
     * @param acceptPartial take the un-complemented pseudo-header sum for valid as well. A veth hands over segments of the
     *     local kernel like that (CHECKSUM_PARTIAL) and nothing in the frame tells them; on any other port it would wave
     *     through one corruption in 65,536 more
     */
    public static boolean isTransportValid(MemorySegment memory, ParsedPacket packet, boolean acceptPartial) {
        int protocol = packet.protocol();
        int pseudoHeader = protocol == IpProtocol.ICMPV4 ? 0 : pseudoHeader(packet);
        if (acceptPartial && protocol == IpProtocol.TCP) {
            if (Tcp.checksum(memory, packet.l4Offset()) == pseudoHeader) {
                return true;
            }
        }
        return fold(sum(memory, packet.l4Offset(), packet.l4Length()) + pseudoHeader) == VALID;
    }

    private static long halves(long word) {
        return (word & LOW_HALF) + (word >>> 32);
    }

    private static int fold(long sum) {
        long once = (sum & LOW_HALF) + (sum >>> 32);
        long twice = (once & 0xFFFF) + ((once >>> 16) & 0xFFFF) + (once >>> 32);
        return fold((int) twice);
    }

    private static int swap(int sum) {
        return ((sum & 0xFF) << 8) | (sum >>> 8);
    }
}
