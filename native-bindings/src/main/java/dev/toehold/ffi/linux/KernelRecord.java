package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * An address or a route in the kernel's own words, so that it can be given back with all that it had: scope, flags, label, lifetimes,
 * protocol, metrics.
 */
public final class KernelRecord {
    /** {@code struct ifa_cacheinfo}: preferred and valid lifetime in seconds come first. */
    private static final int VALID_OFFSET = Integer.BYTES;

    private static final int FOREVER = -1;

    private final int type;
    private final byte[] payload;

    private KernelRecord(int type, MemorySegment payload) {
        this.type = type;
        this.payload = payload.toArray(JAVA_BYTE);
    }

    static KernelRecord address(MemorySegment payload) {
        return new KernelRecord(NetlinkH.RTM_NEWADDR, payload);
    }

    static KernelRecord route(MemorySegment payload) {
        return new KernelRecord(NetlinkH.RTM_NEWROUTE, payload);
    }

    int type() {
        return type;
    }

    /** The address in it; null for a route. */
    public LinkAddress asAddress() {
        return type == NetlinkH.RTM_NEWADDR ? LinkAddress.parse(MemorySegment.ofArray(payload)) : null;
    }

    /** Whether it is a route that comes and goes with an address: the kernel makes it again. */
    public boolean isMadeByKernel() {
        return type == NetlinkH.RTM_NEWROUTE
                && payload[(int) RtmsgDescriptor.PROTOCOL_OFFSET] == NetlinkH.RTPROT_KERNEL;
    }

    /** The same address or route on another link. */
    public KernelRecord onLink(int linkIndex) {
        Check.range("linkIndex", linkIndex, 1, Integer.MAX_VALUE);
        KernelRecord moved = new KernelRecord(type, MemorySegment.ofArray(payload));
        MemorySegment copy = MemorySegment.ofArray(moved.payload);
        if (type == NetlinkH.RTM_NEWADDR) {
            copy.set(JAVA_INT_UNALIGNED, IfaddrmsgDescriptor.INDEX_OFFSET, linkIndex);
        } else {
            new NetlinkAttributes(copy.asSlice(RtmsgDescriptor.SIZE))
                    .segment(NetlinkH.RTA_OIF)
                    .set(JAVA_INT_UNALIGNED, 0, linkIndex);
        }
        return moved;
    }

    byte[] payload() {
        return payload.clone();
    }

    /** What the kernel is to be told {@code seconds} after it said this; empty if the address has expired meanwhile. */
    byte[] after(long seconds) {
        byte[] aged = payload.clone();
        if (type != NetlinkH.RTM_NEWADDR) {
            return aged;
        }
        MemorySegment lifetimes = new NetlinkAttributes(
                        MemorySegment.ofArray(aged).asSlice(IfaddrmsgDescriptor.SIZE))
                .segment(NetlinkH.IFA_CACHEINFO);
        if (lifetimes.byteSize() < 2 * Integer.BYTES) {
            return aged;
        }
        age(lifetimes, 0, seconds);
        age(lifetimes, VALID_OFFSET, seconds);
        return lifetimes.get(JAVA_INT_UNALIGNED, VALID_OFFSET) == 0 ? new byte[0] : aged;
    }

    private static void age(MemorySegment lifetimes, int offset, long seconds) {
        int lifetime = lifetimes.get(JAVA_INT_UNALIGNED, offset);
        if (lifetime != FOREVER) {
            long left = Math.max(0, Integer.toUnsignedLong(lifetime) - seconds);
            lifetimes.set(JAVA_INT_UNALIGNED, offset, (int) left);
        }
    }
}
