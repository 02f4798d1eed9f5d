package dev.toehold.stack;

import dev.toehold.net.FlowHash;
import dev.toehold.net.FragmentReassembly;
import dev.toehold.net.ParsedPacket;
import java.lang.foreign.MemorySegment;

/**
 * Fragments of one lcore. All of a packet meet on one lcore, found by a keyed hash of what they have in common; where their connection
 * lives is known only when they are whole.
 */
final class Fragments {
    private final DispatchRings rings;
    private final FlowHash flowHash;
    private final StackCounters counters;
    private final FragmentReassembly reassembly = new FragmentReassembly();
    private final ParsedPacket expired = new ParsedPacket();

    Fragments(DispatchRings rings, FlowHash flowHash, StackCounters counters) {
        this.rings = rings;
        this.flowHash = flowHash;
        this.counters = counters;
    }

    /** The lcore that puts this packet together. */
    int owner(ParsedPacket packet) {
        return rings.owners()
                .byHash(flowHash.hash(
                        packet.destinationHi(),
                        packet.destinationLo(),
                        packet.sourceHi(),
                        packet.sourceLo(),
                        packet.identification() >>> 16,
                        packet.identification()));
    }

    /** Takes a fragment and counts it; true if its packet is whole: it lies in {@link #whole}. */
    boolean add(MemorySegment memory, ParsedPacket packet, int portIndex, long nowNs) {
        counters.increment(StackCounters.FRAGMENTS_IN);
        long evictions = reassembly.evictions();
        int result = reassembly.add(memory, packet, portIndex, nowNs);
        counters.add(StackCounters.FRAGMENT_EVICTIONS, reassembly.evictions() - evictions);
        switch (result) {
            case FragmentReassembly.INCOMPLETE -> {}
            case FragmentReassembly.COMPLETE -> counters.increment(StackCounters.REASSEMBLED);
            case FragmentReassembly.DUPLICATE -> counters.increment(StackCounters.FRAGMENT_DUPLICATES);
            case FragmentReassembly.CONFLICT, FragmentReassembly.GIVEN_UP ->
                counters.increment(StackCounters.DROP_FRAGMENT_CONFLICT);
            default -> counters.increment(StackCounters.DROP_FRAGMENT);
        }
        return result == FragmentReassembly.COMPLETE;
    }

    /** Of the packet that {@link #add} made whole: until the next call. */
    FragmentReassembly whole() {
        return reassembly;
    }

    /** Gives up what waited too long and tells its senders. Returns how many. */
    int expire(LinkLayer link, long nowNs) {
        int count = 0;
        while (reassembly.expire(nowNs, expired)) {
            count++;
            if (expired.l3Length() > 0) {
                link.reject(reassembly.framePort(), reassembly.memory(), expired, LinkLayer.REASSEMBLY_TIMEOUT, nowNs);
            }
        }
        counters.add(StackCounters.FRAGMENT_TIMEOUTS, count);
        return count;
    }

    long nextDeadlineNs() {
        return reassembly.nextDeadlineNs();
    }

    void close() {
        reassembly.close();
    }
}
