package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where the frames of one call of {@link PacketSocket} lie and how long they are. Entries keep their memory from call to call,
 * so a receiver sets only those whose memory it gave away. One thread at a time.
 */
public final class FrameBatch {
    private static final int MAX_CAPACITY = 1024;

    private final int capacity;
    private final MemorySegment messages;
    private final MemorySegment iovecs;

    /** Keeps the memory of every entry alive. */
    private final MemorySegment[] memories;

    /** @param capacity most frames of one call, 1 to 1,024 */
    public FrameBatch(int capacity) {
        this.capacity = Check.range("capacity", capacity, 1, MAX_CAPACITY);
        messages = Arena.ofAuto().allocate(MmsghdrDescriptor.LAYOUT, capacity);
        iovecs = Arena.ofAuto().allocate(IovecDescriptor.LAYOUT, capacity);
        memories = new MemorySegment[capacity];
        for (int i = 0; i < capacity; i++) {
            long header = i * MmsghdrDescriptor.SIZE + MmsghdrDescriptor.HDR_OFFSET;
            messages.set(ADDRESS, header + MsghdrDescriptor.IOV_OFFSET, iovecs.asSlice(iovec(i)));
        }
    }

    public int capacity() {
        return capacity;
    }

    /**
     * Says where an entry lies: the frame to send, or the room to receive one.
     *
     * @param memory off-heap
     * @param offset of the first byte, within the memory like the last one
     */
    public void set(int index, MemorySegment memory, long offset, int length) {
        Check.range("index", index, 0, capacity - 1);
        Check.range("length", length, 1, Integer.MAX_VALUE);
        Check.range("offset", offset, 0, memory.byteSize() - length);
        if (!memory.isNative()) {
            throw new IllegalArgumentException("memory is on the heap");
        }
        memories[index] = memory;
        iovecs.set(JAVA_LONG, iovec(index) + IovecDescriptor.BASE_OFFSET, memory.address() + offset);
        iovecs.set(JAVA_LONG, iovec(index) + IovecDescriptor.LEN_OFFSET, length);
        messages.set(JAVA_LONG, message(index) + MmsghdrDescriptor.HDR_OFFSET + MsghdrDescriptor.IOVLEN_OFFSET, 1);
    }

    /** Length on the wire of a received frame; more than there was room for: the rest was cut off. */
    public int length(int index) {
        return messages.get(
                JAVA_INT, message(Check.range("index", index, 0, capacity - 1)) + MmsghdrDescriptor.LEN_OFFSET);
    }

    /** The messages from an entry on, all of which must have been set. */
    MemorySegment messages(int from, int count) {
        Check.range("from", from, 0, capacity);
        Check.range("count", count, 0, capacity - from);
        for (int i = from; i < from + count; i++) {
            if (memories[i] == null) {
                throw new IllegalArgumentException("index=" + i + ": no memory was set");
            }
        }
        return messages.asSlice(message(from), count * MmsghdrDescriptor.SIZE);
    }

    private static long message(int index) {
        return index * MmsghdrDescriptor.SIZE;
    }

    private static long iovec(int index) {
        return index * IovecDescriptor.LAYOUT.byteSize();
    }
}
