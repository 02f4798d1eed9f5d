package dev.toehold.perf.link;

import dev.toehold.ffi.linux.FrameBatch;
import dev.toehold.ffi.linux.PacketSocket;
import dev.toehold.perf.link.LinkCounters.Count;
import java.lang.foreign.MemorySegment;

/**
 * From one socket to the other. Only TCP segments are impaired, but all frames share the line: a lost or damaged ARP or NDP message
 * would be an impairment of seconds, and not of TCP.
 */
final class LinkDirection {
    private static final int BATCH = 64;

    /** Bounds what one end's flood does to the other's turn. */
    private static final int MAX_BATCHES = 4;

    private final PacketSocket in;
    private final PacketSocket out;
    private final FramePool pool;
    private final int maxFrameLength;
    private final int lineCapacity;
    private final LinkCounters counters = new LinkCounters();

    private final FrameBatch received = new FrameBatch(BATCH);
    private final int[] receiveSlots = new int[BATCH];
    private final FrameBatch sent = new FrameBatch(BATCH);
    private final int[] sendSlots = new int[BATCH];

    private FrameFate fate;
    private DelayLine line;

    /**
     * @param pool of its own
     * @param maxFrameLength of the interfaces' MTU
     * @param slotCount of the pool
     */
    LinkDirection(PacketSocket in, PacketSocket out, FramePool pool, int maxFrameLength, int slotCount) {
        this.in = in;
        this.out = out;
        this.pool = pool;
        this.maxFrameLength = maxFrameLength;
        this.lineCapacity = slotCount;
        for (int i = 0; i < BATCH; i++) {
            provide(i);
        }
        impair(Impairments.NONE, 0, 0);
    }

    private void provide(int index) {
        int slot = pool.take();
        receiveSlots[index] = slot;
        received.set(index, pool.memory(), pool.offset(slot), pool.slotLength());
    }

    /** From now on, from the first decision of the seed on; what is on its way is dropped. */
    void impair(Impairments impairments, long seed, int direction) {
        if (line != null) {
            for (int i = line.count(); i > 0; i--) {
                pool.giveBack(line.drain());
            }
        }
        fate = new FrameFate(impairments, seed, direction);
        line = new DelayLine(impairments, lineCapacity);
    }

    LinkCounters counters() {
        return counters;
    }

    void countOverruns() {
        counters.add(Count.OVERRUN, in.takeDropCount());
    }

    long nextDueNs() {
        return line.nextDueNs();
    }

    /** Returns how many frames came. */
    int receive(long nowNs) {
        int total = 0;
        for (int i = 0; i < MAX_BATCHES; i++) {
            // A batch needs as many free slots to follow it, and as many again for duplicates; else it waits in the
            // socket.
            if (pool.freeCount() < 2 * BATCH) {
                return total;
            }
            int count = in.receive(received, BATCH);
            for (int index = 0; index < count; index++) {
                onFrame(index, nowNs);
            }
            total += count;
            if (count < BATCH) {
                return total;
            }
        }
        return total;
    }

    private void onFrame(int index, long nowNs) {
        int length = received.length(index);
        counters.add(Count.RECEIVED, 1);
        counters.add(Count.RECEIVED_BYTES, length);
        if (length > maxFrameLength) {
            counters.add(Count.OVERSIZED, 1);
            return;
        }
        MemorySegment memory = pool.memory();
        long offset = pool.offset(receiveSlots[index]);
        int tcpOffset = FrameView.tcpOffset(memory, offset, length);
        if (tcpOffset < 0) {
            pass(index, length, nowNs, 0, 0);
            return;
        }
        if (FrameView.isReset(memory, offset, length, tcpOffset)) {
            counters.add(Count.TCP_RESETS, 1);
        }
        impair(index, length, nowNs);
    }

    private void impair(int index, int length, long nowNs) {
        boolean isLost = fate.isLost();
        boolean isLostInBurst = fate.isLostInBurst(nowNs);
        boolean isDuplicated = fate.isDuplicated();
        int overtakers = fate.overtakers();
        long bit = fate.corruptedBit(FrameView.ETHERNET_HEADER_LENGTH, length);
        long jitterNs = fate.jitterNs();
        if (isLost || isLostInBurst) {
            counters.add(isLost ? Count.LOST : Count.LOST_IN_BURSTS, 1);
            return;
        }
        int copy = isDuplicated ? copyOf(receiveSlots[index], length) : -1;
        if (bit >= 0) {
            counters.add(Count.CORRUPTED, 1);
            FrameView.invertBit(pool.memory(), pool.offset(receiveSlots[index]), bit);
        }
        if (overtakers > 0) {
            counters.add(Count.REORDERED, 1);
        }
        pass(index, length, nowNs, jitterNs, overtakers);
        if (copy >= 0) {
            counters.add(Count.DUPLICATED, 1);
            add(copy, length, nowNs, jitterNs, 0);
        }
    }

    private int copyOf(int slot, int length) {
        int copy = pool.take();
        MemorySegment.copy(pool.memory(), pool.offset(slot), pool.memory(), pool.offset(copy), length);
        return copy;
    }

    private void pass(int index, int length, long nowNs, long jitterNs, int overtakers) {
        int slot = receiveSlots[index];
        provide(index);
        add(slot, length, nowNs, jitterNs, overtakers);
    }

    private void add(int slot, int length, long nowNs, long jitterNs, int overtakers) {
        if (line.hasRoom(length, nowNs)) {
            line.add(slot, length, nowNs, jitterNs, overtakers);
        } else {
            counters.add(Count.QUEUE_FULL, 1);
            pool.giveBack(slot);
        }
    }

    /** Sends what has arrived at the other end. Returns how many frames. */
    int transmit(long nowNs) {
        int total = 0;
        int count;
        do {
            count = 0;
            while (count < BATCH && line.isDue(nowNs)) {
                sendSlots[count] = line.slot();
                sent.set(count, pool.memory(), pool.offset(line.slot()), line.length());
                counters.add(Count.SENT_BYTES, line.length());
                line.remove();
                count++;
            }
            send(count);
            total += count;
        } while (count == BATCH);
        return total;
    }

    private void send(int count) {
        int done = 0;
        while (done < count) {
            int gone = out.send(sent, done, count - done);
            counters.add(Count.SENT, gone);
            done += gone;
            if (done < count) {
                // The first that was refused is dropped: the outgoing end has no queue to wait for.
                counters.add(Count.REFUSED, 1);
                done++;
            }
        }
        for (int i = 0; i < count; i++) {
            pool.giveBack(sendSlots[i]);
        }
    }
}
