package dev.toehold.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * IP fragments of both families become whole packets (RFC 791 section 3.2, RFC 8200 section 4.5) in memory of its own, made at the start: a fragment is
 * copied and its buffer free again.
 *
 * <pre>
 *   slot:   | Ethernet, IP header |  payload, up to 65,535 bytes        |
 *           ^ FRAME_OFFSET        ^ PAYLOAD_OFFSET
 *   bits:   one for each 8 bytes of payload that have come
 * </pre>
 *
 * Bounds: {@link #SLOTS} packets at a time, of which one source holds at most {@link #SLOTS_PER_SOURCE}; the oldest makes room. A
 * fragment costs as much as its length, whatever came before. A packet is given up after {@link #TIMEOUT_NS}, and as a whole when two fragments
 * overlap and differ (RFC 5722), contradict each other about its end, or go beyond 65,535 bytes; what still comes of it is dropped
 * until its time is over. A copy of what is there already is ignored.
 *
 * <p>The packet that comes out has a header without options or extension headers. One thread uses an instance.
 */
public final class FragmentReassembly implements AutoCloseable {
    /** RFC 1122 section 3.3.2: 60 to 120 s; RFC 8200 section 4.5: 60 s. */
    public static final long TIMEOUT_NS = 60_000_000_000L;

    public static final long NEVER = Long.MAX_VALUE;

    static final int SLOTS = 64;
    static final int SLOTS_PER_SOURCE = 16;

    /** Results of {@link #add}: the fragment was taken, and others are missing. */
    public static final int INCOMPLETE = 0;

    /** The packet is whole: {@link #frameOffset} and {@link #frameLength}, until the next call. */
    public static final int COMPLETE = 1;

    /** The fragment brought nothing new. */
    public static final int DUPLICATE = 2;

    /** It contradicts others: its packet is given up. */
    public static final int CONFLICT = 3;

    /** Its packet was given up before. */
    public static final int GIVEN_UP = 4;

    /** It is empty, or not the last and no multiple of 8 bytes long. */
    public static final int BAD_LENGTH = 5;

    /** It ends beyond the longest packet. */
    public static final int TOO_LONG = 6;

    private static final int MAX_IP_LENGTH = 65_535;
    private static final int UNIT_SHIFT = 3;
    private static final int UNITS = (MAX_IP_LENGTH + 1) >> UNIT_SHIFT;
    private static final int WORDS_PER_SLOT = UNITS / Long.SIZE;
    private static final int HEADROOM = 64;
    private static final long SLOT_LENGTH = HEADROOM + MAX_IP_LENGTH + 1L;

    /** What an ICMP error about the packet can quote of its first fragment: the longest IPv4 header and eight bytes. */
    private static final int QUOTE_LENGTH = 68;

    private static final int CE = 3;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(SLOTS * (SLOT_LENGTH + QUOTE_LENGTH), 64);
    private final Slot[] slots = new Slot[SLOTS];
    private int oldest = -1;
    private int newest = -1;
    private long evictions;
    private long frameOffset;
    private int frameLength;
    private int framePort;

    /** One packet that is being put together; free ones have no place in the list of ages. */
    private static final class Slot {
        final long[] present = new long[WORDS_PER_SLOT];
        boolean isUsed;
        boolean isGivenUp;
        int next;
        int previous;
        long sourceHi;
        long sourceLo;
        long destinationHi;
        long destinationLo;
        int identification;
        int family;
        int protocol;
        int port;
        long deadlineNs;
        long destinationMac;
        long sourceMac;
        int trafficClass;
        int hopLimit;
        int unitsPresent;
        int highestUnit;
        int length;
        int quoteLength;
        boolean sawCongestion;
        boolean sawNotCapable;
    }

    /** About 4.2 MB. */
    public FragmentReassembly() {
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Slot();
        }
    }

    /** Holds packets that are complete, and quotations of those that timed out. */
    public MemorySegment memory() {
        return memory;
    }

    public long frameOffset() {
        return frameOffset;
    }

    public int frameLength() {
        return frameLength;
    }

    /** Port by which the first fragment of the packet at hand came. */
    public int framePort() {
        return framePort;
    }

    /** Packets given up early because others needed their place. */
    public long evictions() {
        return evictions;
    }

    /**
     * Takes a fragment: a packet that was parsed as FRAGMENT4 or FRAGMENT6.
     *
     * @param from holds it
     * @return one of the results above
     */
    public int add(MemorySegment from, ParsedPacket packet, int portIndex, long nowNs) {
        int length = packet.l4Length;
        int start = packet.fragmentOffset;
        int end = start + length;
        if (length == 0 || (packet.moreFragments && (length & 7) != 0)) {
            return BAD_LENGTH;
        }
        // The header that the whole packet gets counts in IPv4's total length only.
        if (end > MAX_IP_LENGTH - (packet.family == 4 ? Ipv4.MIN_HEADER_LENGTH : 0)) {
            return TOO_LONG;
        }
        int index = find(packet);
        if (index < 0) {
            index = claim(packet, portIndex, nowNs);
        }
        Slot slot = slots[index];
        if (slot.isGivenUp) {
            return GIVEN_UP;
        }
        if (!isWithinEnd(slot, end, packet.moreFragments)) {
            slot.isGivenUp = true;
            return CONFLICT;
        }
        long target = payloadOffset(index) + start;
        int known = countPresent(slot, start, end);
        int units = (end - start + 7) >> UNIT_SHIFT;
        if (known > 0) {
            if (known == units && isSame(from, packet.l4Offset, target, length)) {
                return DUPLICATE;
            }
            slot.isGivenUp = true;
            return CONFLICT;
        }
        take(slot, index, from, packet, portIndex, target);
        if (slot.length < 0 || slot.unitsPresent < (slot.length + 7) >> UNIT_SHIFT) {
            return INCOMPLETE;
        }
        boolean isGood = finish(slot, index);
        release(index);
        return isGood ? COMPLETE : CONFLICT;
    }

    private int find(ParsedPacket packet) {
        for (int i = newest; i >= 0; i = slots[i].previous) {
            Slot slot = slots[i];
            if (slot.identification == packet.identification
                    && slot.sourceLo == packet.sourceLo
                    && slot.sourceHi == packet.sourceHi
                    && slot.destinationLo == packet.destinationLo
                    && slot.destinationHi == packet.destinationHi
                    && slot.family == packet.family
                    // RFC 8200: of IPv6 the identification alone counts.
                    && (slot.family == 6 || slot.protocol == packet.protocol)) {
                return i;
            }
        }
        return -1;
    }

    /** A place for a new packet: a free one, else that of the oldest, of the same source if it has its share. */
    private int claim(ParsedPacket packet, int portIndex, long nowNs) {
        int ofSource = 0;
        int oldestOfSource = -1;
        int free = -1;
        for (int i = 0; i < SLOTS; i++) {
            if (!slots[i].isUsed) {
                free = i;
            }
        }
        for (int i = newest; i >= 0; i = slots[i].previous) {
            if (slots[i].sourceLo == packet.sourceLo && slots[i].sourceHi == packet.sourceHi) {
                ofSource++;
                oldestOfSource = i;
            }
        }
        if (ofSource >= SLOTS_PER_SOURCE) {
            evict(oldestOfSource);
            free = oldestOfSource;
        } else if (free < 0) {
            free = oldest;
            evict(free);
        }
        Slot slot = slots[free];
        slot.isUsed = true;
        slot.isGivenUp = false;
        slot.sourceHi = packet.sourceHi;
        slot.sourceLo = packet.sourceLo;
        slot.destinationHi = packet.destinationHi;
        slot.destinationLo = packet.destinationLo;
        slot.identification = packet.identification;
        slot.family = packet.family;
        slot.protocol = packet.protocol;
        slot.port = portIndex;
        slot.deadlineNs = nowNs + TIMEOUT_NS;
        slot.unitsPresent = 0;
        slot.highestUnit = 0;
        slot.length = -1;
        slot.quoteLength = 0;
        slot.sawCongestion = false;
        slot.sawNotCapable = false;
        slot.previous = newest;
        slot.next = -1;
        if (newest >= 0) {
            slots[newest].next = free;
        } else {
            oldest = free;
        }
        newest = free;
        return free;
    }

    private void evict(int index) {
        evictions++;
        release(index);
    }

    private void release(int index) {
        Slot slot = slots[index];
        if (slot.previous >= 0) {
            slots[slot.previous].next = slot.next;
        } else {
            oldest = slot.next;
        }
        if (slot.next >= 0) {
            slots[slot.next].previous = slot.previous;
        } else {
            newest = slot.previous;
        }
        Arrays.fill(slot.present, 0, (slot.highestUnit + Long.SIZE - 1) / Long.SIZE, 0);
        slot.isUsed = false;
    }

    /** The last fragment says where the packet ends: nothing may lie beyond, and no other may say otherwise. */
    private static boolean isWithinEnd(Slot slot, int end, boolean more) {
        if (more) {
            return slot.length < 0 || end <= slot.length;
        }
        if (slot.length >= 0) {
            return slot.length == end;
        }
        return slot.highestUnit << UNIT_SHIFT <= ((end + 7) & ~7);
    }

    private static int countPresent(Slot slot, int start, int end) {
        int firstUnit = start >> UNIT_SHIFT;
        int endUnit = (end + 7) >> UNIT_SHIFT;
        int count = 0;
        for (int word = firstUnit / Long.SIZE; word * Long.SIZE < endUnit; word++) {
            count += Long.bitCount(slot.present[word] & mask(word, firstUnit, endUnit));
        }
        return count;
    }

    private boolean isSame(MemorySegment from, long offset, long target, int length) {
        return MemorySegment.mismatch(from, offset, offset + length, memory, target, target + length) < 0;
    }

    /** The bits of a word that stand for units from first to end, exclusive. */
    private static long mask(int word, int firstUnit, int endUnit) {
        int from = Math.max(0, firstUnit - word * Long.SIZE);
        int to = Math.min(Long.SIZE, endUnit - word * Long.SIZE);
        return (-1L << from) & (-1L >>> (Long.SIZE - to));
    }

    private void take(Slot slot, int index, MemorySegment from, ParsedPacket packet, int portIndex, long target) {
        int start = packet.fragmentOffset;
        int end = start + packet.l4Length;
        MemorySegment.copy(from, packet.l4Offset, memory, target, packet.l4Length);
        int firstUnit = start >> UNIT_SHIFT;
        int endUnit = (end + 7) >> UNIT_SHIFT;
        for (int word = firstUnit / Long.SIZE; word * Long.SIZE < endUnit; word++) {
            slot.present[word] |= mask(word, firstUnit, endUnit);
        }
        slot.unitsPresent += endUnit - firstUnit;
        slot.highestUnit = Math.max(slot.highestUnit, endUnit);
        if (!packet.moreFragments) {
            slot.length = end;
        }
        // RFC 3168 section 5.3: congestion that one fragment met is the packet's.
        slot.sawCongestion |= packet.ecn() == CE;
        slot.sawNotCapable |= packet.ecn() == 0;
        if (start == 0) {
            slot.port = portIndex;
            slot.protocol = packet.protocol;
            slot.destinationMac = packet.destinationMac;
            slot.sourceMac = packet.sourceMac;
            slot.trafficClass = packet.trafficClass;
            slot.hopLimit = packet.hopLimit;
            slot.quoteLength = Math.min(QUOTE_LENGTH, packet.l3Length);
            MemorySegment.copy(from, packet.l3Offset, memory, quoteOffset(index), slot.quoteLength);
        }
    }

    /** Writes the headers of a whole packet; false where fragments disagree about ECN (RFC 3168 section 5.3). */
    private boolean finish(Slot slot, int index) {
        if (slot.sawCongestion && slot.sawNotCapable) {
            return false;
        }
        boolean ipv4 = slot.family == 4;
        int ipLength = ipv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH;
        int trafficClass = slot.sawCongestion ? slot.trafficClass | CE : slot.trafficClass;
        frameOffset = payloadOffset(index) - ipLength - Ethernet.HEADER_LENGTH;
        frameLength = Ethernet.HEADER_LENGTH + ipLength + slot.length;
        framePort = slot.port;
        long l3 = Ethernet.write(
                memory,
                frameOffset,
                slot.destinationMac,
                slot.sourceMac,
                ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        if (ipv4) {
            Ipv4.write(
                    memory,
                    l3,
                    trafficClass,
                    ipLength + slot.length,
                    slot.identification,
                    0,
                    slot.hopLimit,
                    slot.protocol,
                    (int) slot.sourceLo,
                    (int) slot.destinationLo);
        } else {
            Ipv6.write(
                    memory,
                    l3,
                    trafficClass,
                    0,
                    slot.length,
                    slot.protocol,
                    slot.hopLimit,
                    slot.sourceHi,
                    slot.sourceLo,
                    slot.destinationHi,
                    slot.destinationLo);
        }
        return true;
    }

    /** When {@link #expire} has something to do. */
    public long nextDeadlineNs() {
        return oldest < 0 ? NEVER : slots[oldest].deadlineNs;
    }

    /**
     * Gives up one packet whose time is over.
     *
     * @param quoted takes what an ICMP error about it needs: the frame's offsets hold for {@link #memory}, length 0 = the first
     *     fragment never came, so nobody is told (RFC 792, RFC 8200 section 4.5)
     * @return false if there is none
     */
    public boolean expire(long nowNs, ParsedPacket quoted) {
        if (oldest < 0 || slots[oldest].deadlineNs > nowNs) {
            return false;
        }
        int index = oldest;
        Slot slot = slots[index];
        framePort = slot.port;
        quoted.family = slot.family;
        quoted.sourceHi = slot.sourceHi;
        quoted.sourceLo = slot.sourceLo;
        quoted.destinationHi = slot.destinationHi;
        quoted.destinationLo = slot.destinationLo;
        quoted.destinationMac = slot.destinationMac;
        quoted.sourceMac = slot.sourceMac;
        quoted.vlanTci = -1;
        quoted.protocol = slot.protocol;
        quoted.l3Offset = quoteOffset(index);
        quoted.l3Length = slot.isGivenUp ? 0 : slot.quoteLength;
        release(index);
        return true;
    }

    private static long payloadOffset(int index) {
        return index * SLOT_LENGTH + HEADROOM;
    }

    private static long quoteOffset(int index) {
        return SLOTS * SLOT_LENGTH + (long) index * QUOTE_LENGTH;
    }

    @Override
    public void close() {
        arena.close();
    }
}
