package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.MbufCache;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.net.Fragment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;

/** Makes fragments of TCP packets on a wire, as a router with a small MTU would, in random order and without those that it loses. */
final class FragmentingWire {
    private final PktMbufPool pool;
    private final MbufCache cache;
    private final Random random;
    private final int unit;
    private final MbufArray one = new MbufArray(1);
    private int identification;
    int lossPercent;
    long fragments;

    FragmentingWire(PktMbufPool pool, MbufCache cache, Random random, int unit) {
        this.pool = pool;
        this.cache = cache;
        this.random = random;
        this.unit = unit;
    }

    /** Takes the mbuf over; gives out those that go on. */
    void carry(long mbuf, LongConsumer out) {
        MemorySegment memory = pool.memory();
        long offset = Mbuf.dataAddress(mbuf) - memory.address();
        byte[] frame = memory.asSlice(offset, Mbuf.dataLength(mbuf)).toArray(ValueLayout.JAVA_BYTE);
        List<byte[]> parts = new ArrayList<>(Fragment.split(frame, unit, identification++ & 0xFFFF));
        if (parts.size() == 1) {
            out.accept(mbuf);
            return;
        }
        one.set(0, mbuf);
        PktMbufPool.free(one, 0, 1);
        Collections.shuffle(parts, random);
        for (byte[] part : parts) {
            if (random.nextInt(100) < lossPercent) {
                continue;
            }
            long fragment = cache.allocate();
            if (fragment == 0 || !Mbuf.setLength(fragment, part.length)) {
                throw new AssertionError("mbuf=" + fragment + " length=" + part.length);
            }
            MemorySegment.copy(
                    part, 0, memory, ValueLayout.JAVA_BYTE, Mbuf.dataAddress(fragment) - memory.address(), part.length);
            fragments++;
            out.accept(fragment);
        }
    }
}
