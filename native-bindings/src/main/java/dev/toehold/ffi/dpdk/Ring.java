package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * An {@code rte_ring} of pointers with one producer thread and one consumer thread. The memory is DPDK's, so
 * drivers can share it; enqueue and dequeue are done here with the orderings of DPDK's C11 model:
 *
 * <pre>
 *  producer: read own head, load-acquire cons.tail, write entries, store-release prod.tail
 *  consumer: read own head, load-acquire prod.tail, read entries,  store-release cons.tail
 * </pre>
 */
public final class Ring implements AutoCloseable {
    /** What only a ring of EAL's needs. */
    private static final class Functions {
        static final MethodHandle CREATE = Dpdk.load()
                .function(
                        "ring",
                        "rte_ring_create",
                        FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle FREE =
                Dpdk.load().function("ring", "rte_ring_free", FunctionDescriptor.ofVoid(JAVA_LONG));
    }

    private static final int SP_ENQUEUE_SC_DEQUEUE;
    private static final int MAX_SIZE;
    private static final int NAME_LENGTH;
    private static final int ENTRIES;
    private static final int CAPACITY;
    private static final int PROD_HEAD;
    private static final int PROD_TAIL;
    private static final int CONS_HEAD;
    private static final int CONS_TAIL;

    static {
        final DpdkLayout layout = Dpdk.structures();
        SP_ENQUEUE_SC_DEQUEUE = layout.intConstant("RING_F_SP_ENQ") | layout.intConstant("RING_F_SC_DEQ");
        MAX_SIZE = (int) Math.min(1 << 22, layout.constant("RTE_RING_SZ_MASK"));
        // The memzone's name is "RG_" and the ring's within RTE_RING_NAMESIZE + 3.
        NAME_LENGTH = layout.intConstant("RTE_RING_NAMESIZE") - 1;
        ENTRIES = layout.sizeof("rte_ring");
        CAPACITY = layout.offset("rte_ring.capacity", 4);
        final int head = layout.offset("rte_ring_headtail.head", 4);
        final int tail = layout.offset("rte_ring_headtail.tail", 4);
        PROD_HEAD = layout.offset("rte_ring.prod") + head;
        PROD_TAIL = layout.offset("rte_ring.prod") + tail;
        CONS_HEAD = layout.offset("rte_ring.cons") + head;
        CONS_TAIL = layout.offset("rte_ring.cons") + tail;
    }

    private final String name;
    private final long address;
    private final MemorySegment ownMemory;
    private final int capacity;
    private final int mask;
    private boolean closed;

    private Ring(final String name, final long address, final MemorySegment ownMemory, final int size) {
        this.name = name;
        this.address = address;
        this.ownMemory = ownMemory;
        mask = size - 1;
        capacity = Memory.getInt(address + CAPACITY);
    }

    /**
     * Creates a ring.
     *
     * @param name 1 to 28 of the characters {@code A-Za-z0-9._-}, unique in this process
     * @param size a power of two, 2 to 4194304; it holds one entry less
     * @param socket NUMA node, or {@link PktMbufPool#SOCKET_ANY}
     */
    public static Ring create(final String name, final int size, final int socket) {
        Arguments.checkName("ring name", name, NAME_LENGTH);
        Arguments.checkRange("size", size, 2, MAX_SIZE);
        if (Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("size=" + size + " is not a power of two");
        }
        Arguments.checkRange("socket", socket, PktMbufPool.SOCKET_ANY, 1023);
        try (Arena arena = Arena.ofConfined()) {
            final long address =
                    (long) Functions.CREATE.invokeExact(arena.allocateFrom(name), size, socket, SP_ENQUEUE_SC_DEQUEUE);
            if (address == 0) {
                throw new DpdkException(
                        "rte_ring_create name=" + name + " size=" + size, RteErrno.get(), EalLog.cause());
            }
            final Ring ring = new Ring(name, address, null, size);
            if (ring.capacity != size - 1) {
                throw new DpdkUnavailableException("self-test: the ring layout does not fit "
                        + Dpdk.load().version() + " (capacity=" + ring.capacity + " of size=" + size + ")");
            }
            return ring;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /**
     * A ring in memory of this process's own, which no driver sees, for what runs without EAL. The memory lives as long as the
     * ring does.
     *
     * @param size a power of two, 2 to 4194304; it holds one entry less
     */
    public static Ring inOwnMemory(final String name, final int size) {
        Arguments.checkRange("size", size, 2, MAX_SIZE);
        if (Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("size=" + size + " is not a power of two");
        }
        final MemorySegment memory = Arena.ofAuto().allocate(ENTRIES + (long) size * Long.BYTES, 128);
        Memory.putInt(memory.address() + CAPACITY, size - 1);
        return new Ring(name, memory.address(), memory, size);
    }

    /** Entries that it can hold. */
    public int capacity() {
        return capacity;
    }

    /** Enqueues one pointer; false if the ring is full. Producer thread only. */
    public boolean enqueue(final long pointer) {
        final int head = Memory.getInt(address + PROD_HEAD);
        final int consumed = Memory.getIntAcquire(address + CONS_TAIL);
        if (head - consumed == capacity) {
            return false;
        }
        Memory.putInt(address + PROD_HEAD, head + 1);
        Memory.putLong(entry(head), pointer);
        Memory.putIntRelease(address + PROD_TAIL, head + 1);
        return true;
    }

    /** Enqueues as many of {@code count} pointers as fit and returns how many. Producer thread only. */
    public int enqueueBurst(final MbufArray pointers, final int from, final int count) {
        final long array = pointers.address(from, count);
        final int head = Memory.getInt(address + PROD_HEAD);
        final int free = capacity + Memory.getIntAcquire(address + CONS_TAIL) - head;
        final int n = Math.min(count, free);
        if (n == 0) {
            return 0;
        }
        Memory.putInt(address + PROD_HEAD, head + n);
        for (int i = 0; i < n; i++) {
            Memory.putLong(entry(head + i), Memory.getLong(array + ((long) i << 3)));
        }
        Memory.putIntRelease(address + PROD_TAIL, head + n);
        return n;
    }

    /** Dequeues one pointer, 0 if the ring is empty. Consumer thread only. */
    public long dequeue() {
        final int head = Memory.getInt(address + CONS_HEAD);
        if (Memory.getIntAcquire(address + PROD_TAIL) == head) {
            return 0;
        }
        Memory.putInt(address + CONS_HEAD, head + 1);
        final long pointer = Memory.getLong(entry(head));
        Memory.putIntRelease(address + CONS_TAIL, head + 1);
        return pointer;
    }

    /** Dequeues up to {@code count} pointers and returns how many. Consumer thread only. */
    public int dequeueBurst(final MbufArray into, final int from, final int count) {
        final long array = into.address(from, count);
        final int head = Memory.getInt(address + CONS_HEAD);
        final int entries = Memory.getIntAcquire(address + PROD_TAIL) - head;
        final int n = Math.min(count, entries);
        if (n == 0) {
            return 0;
        }
        Memory.putInt(address + CONS_HEAD, head + n);
        for (int i = 0; i < n; i++) {
            Memory.putLong(array + ((long) i << 3), Memory.getLong(entry(head + i)));
        }
        Memory.putIntRelease(address + CONS_TAIL, head + n);
        return n;
    }

    /** Entries that wait; a snapshot from any thread. */
    public int count() {
        final int tail = Memory.getIntAcquire(address + CONS_TAIL);
        final int waiting = Memory.getIntAcquire(address + PROD_TAIL) - tail;
        return Math.min(waiting, capacity);
    }

    private long entry(final int index) {
        return address + ENTRIES + ((long) (index & mask) << 3);
    }

    /** Frees the memory; neither thread may use the ring any more. Pointers in it are not freed. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ownMemory != null) {
            return;
        }
        try {
            Functions.FREE.invokeExact(address);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    @Override
    public String toString() {
        return "Ring[" + name + ", capacity=" + capacity + "]";
    }
}
