package dev.toehold.client;

import dev.toehold.abi.Abi;
import dev.toehold.abi.SlotShares;
import java.lang.foreign.MemorySegment;

/**
 * The provided buffers of one queue pair: lends them, keeps count of the bytes in each that the application has not taken,
 * and lends a buffer again once the engine gave it back and nothing in it is wanted any more.
 *
 * <p>A buffer is named by a key: group and id in one int.
 */
final class ProvidedBuffers {
    private static final int ID_BITS = 16;

    private ClientQueuePair queuePair;
    private final BufferGroup[] groups = new BufferGroup[Abi.MAX_GROUPS];
    private int maxLent;
    private int[] idle = new int[16];
    private int idleCount;
    private int lentCount;
    private int total;
    private int declaredCount;

    ProvidedBuffers(ClientQueuePair queuePair) {
        use(queuePair);
    }

    private void use(ClientQueuePair fresh) {
        queuePair = fresh;
        maxLent = Math.min(fresh.bufEntries(), SlotShares.buffers(fresh.cqEntries()));
    }

    /**
     * The engine that had the lent buffers is gone, another one is there. What had not been named in them is lost and comes again;
     * a buffer with bytes that the application has not taken stays as it is until they are.
     */
    void attach(ClientQueuePair fresh) {
        use(fresh);
        lentCount = 0;
        for (BufferGroup group : groups) {
            for (int id = 0; group != null && id < group.count; id++) {
                // Nothing is lent before all are looked at: what is lent to the new engine looks the same as what the
                // old one had.
                if (group.state[id] == BufferGroup.LENT && group.unconsumed[id] > 0) {
                    group.state[id] = BufferGroup.RETURNED;
                } else if (group.state[id] == BufferGroup.LENT) {
                    group.state[id] = BufferGroup.IDLE;
                    pushIdle(key(group.group, id));
                }
            }
        }
        refill();
    }

    static int key(int group, int id) {
        return group << ID_BITS | id;
    }

    /** Takes over every step-th buffer of a group, beginning with first, and lends what may be lent. */
    void add(BufferGroup group, int first, int step) {
        groups[group.group] = group;
        declaredCount += group.count;
        for (int id = first; id < group.count; id += step) {
            pushIdle(key(group.group, id));
            total++;
        }
        refill();
    }

    boolean isEmpty() {
        return total == 0;
    }

    /** Buffers of all groups, on whatever lcore. */
    int declaredCount() {
        return declaredCount;
    }

    int lentCount() {
        return lentCount;
    }

    /** Lends idle buffers while the limits allow. */
    void refill() {
        while (idleCount > 0 && lentCount < maxLent) {
            int key = idle[idleCount - 1];
            if (!queuePair.lend(key >>> ID_BITS, key & ((1 << ID_BITS) - 1))) {
                return;
            }
            if (lentCount < Math.min(total, maxLent) / 4) {
                queuePair.requestDoorbell(); // the engine may be dry and asleep
            }
            idleCount--;
            lentCount++;
            group(key).state[id(key)] = BufferGroup.LENT;
        }
    }

    /** Checks that a completion names lent bytes. Returns the buffer's key. */
    int check(CompletionView completion) {
        int groupId = completion.more;
        BufferGroup group = groupId >= 0 && groupId < groups.length ? groups[groupId] : null;
        if (group == null || completion.buffer < 0 || completion.buffer >= group.count) {
            throw completion.violation("no such buffer: group=" + groupId + " buffer=" + completion.buffer);
        }
        if (group.state[completion.buffer] != BufferGroup.LENT) {
            throw completion.violation("buffer is not lent: group=" + groupId + " buffer=" + completion.buffer);
        }
        if (completion.bufferOffset < 0
                || completion.length < 0
                || completion.length > group.bufferSize - completion.bufferOffset) {
            throw completion.violation("outside its buffer: bufferOffset=" + completion.bufferOffset);
        }
        return key(groupId, completion.buffer);
    }

    MemorySegment memory(int key) {
        return group(key).memory;
    }

    /** Where the buffer begins in {@link #memory}. */
    long offset(int key) {
        return group(key).offset(id(key));
    }

    /** Bytes of the buffer wait for the application. */
    void onDelivered(int key, int length) {
        group(key).unconsumed[id(key)] += length;
    }

    /** The engine gave the buffer back. */
    void onReturned(int key) {
        BufferGroup group = group(key);
        int id = id(key);
        group.state[id] = BufferGroup.RETURNED;
        lentCount--;
        recycle(group, id, key);
    }

    /** The engine refused to take the buffer: it is ours, and offered no more. */
    void onRefused(int groupId, int buffer) {
        BufferGroup group = groupId >= 0 && groupId < groups.length ? groups[groupId] : null;
        if (group != null && buffer >= 0 && buffer < group.count && group.state[buffer] == BufferGroup.LENT) {
            group.state[buffer] = BufferGroup.IDLE;
            lentCount--;
            total--;
        }
    }

    /** The application has taken that many delivered bytes. */
    void onConsumed(int key, int length) {
        BufferGroup group = group(key);
        int id = id(key);
        group.unconsumed[id] -= length;
        recycle(group, id, key);
    }

    private void recycle(BufferGroup group, int id, int key) {
        if (group.unconsumed[id] == 0 && group.state[id] == BufferGroup.RETURNED) {
            group.state[id] = BufferGroup.IDLE;
            pushIdle(key);
            refill();
        }
    }

    private void pushIdle(int key) {
        if (idleCount == idle.length) {
            idle = java.util.Arrays.copyOf(idle, 2 * idleCount);
        }
        idle[idleCount++] = key;
    }

    private BufferGroup group(int key) {
        return groups[key >>> ID_BITS];
    }

    private static int id(int key) {
        return key & ((1 << ID_BITS) - 1);
    }
}
