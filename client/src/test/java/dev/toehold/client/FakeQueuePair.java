package dev.toehold.client;

import static dev.toehold.abi.QueuePairDescriptor.INT;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.SHORT;

import dev.toehold.abi.BufferEntryDescriptor;
import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** The engine's side of a queue pair and of the streams on it, for tests: simple, but exact about slots and order. */
final class FakeQueuePair {
    final MemorySegment memory;
    final int lcore;
    final int sqEntries;
    final int cqEntries;
    final int bufEntries;
    final IntFunction<MemorySegment> regions;
    final Map<Long, FakeConnection> connections = new HashMap<>();

    /** The region field of the last CONNECT. */
    int connectRegion;

    final Map<Integer, FakeListener> listeners = new HashMap<>();
    final Map<Integer, FakeGroup> groups;
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
    private long sqHead;
    private long cqTail;
    private long bufHead;
    private int promised;
    private boolean dirty;
    private long nextHandle;
    int maxSubmissionsPerPass = 64;
    long submissionCount;
    long consumedCount;

    /** Buffers of one size; ids that the client lent are free here. */
    static final class FakeGroup {
        final int group;
        final int region;
        final long base;
        final int bufferSize;
        final int count;

        FakeGroup(int group, int region, long base, int bufferSize, int count) {
            this.group = group;
            this.region = region;
            this.base = base;
            this.bufferSize = bufferSize;
            this.count = count;
        }
    }

    /** A LISTEN. */
    static final class FakeListener {
        long handle;
        long userData;
        int port;
        int credit;
        final ArrayDeque<FakePeer> backlog = new ArrayDeque<>();
    }

    private final Map<Integer, ArrayDeque<Integer>> lent = new HashMap<>();
    private final Map<Long, Boolean> isLent = new HashMap<>();

    FakeQueuePair(
            MemorySegment memory,
            int sqEntries,
            int cqEntries,
            int bufEntries,
            int lcore,
            long epoch,
            IntFunction<MemorySegment> regions,
            Map<Integer, FakeGroup> groups) {
        QueuePairDescriptor.initialise(memory, sqEntries, cqEntries, bufEntries, lcore, epoch);
        this.memory = memory;
        this.lcore = lcore;
        this.sqEntries = sqEntries;
        this.cqEntries = cqEntries;
        this.bufEntries = bufEntries;
        this.regions = regions;
        this.groups = groups;
        this.nextHandle = ((long) lcore << 56) | (1L << 32);
    }

    long newHandle() {
        return nextHandle++;
    }

    private long client(int offset) {
        return (long) LONG.getAcquire(memory, (long) offset);
    }

    int freeSlots() {
        return (int) (cqEntries - (cqTail - client(QueuePairDescriptor.CQ_HEAD_OFFSET)) - promised);
    }

    /** Puts a completion; promised: into a slot that was promised before. */
    void complete(
            boolean isPromised,
            int op,
            long userData,
            long handle,
            long position,
            int result,
            int flags,
            int buffer,
            int bufferOffset,
            int length,
            int more,
            long arg0,
            long arg1) {
        if (isPromised) {
            promised--;
        }
        if (freeSlots() < 0 || (!isPromised && freeSlots() < 1)) {
            throw new AssertionError("completion ring overflow: the fake engine broke its promise");
        }
        long at = QueuePairDescriptor.cqOffset(sqEntries) + (cqTail & (cqEntries - 1)) * CompletionDescriptor.LENGTH;
        LONG.set(memory, at + CompletionDescriptor.USER_DATA_OFFSET, userData);
        LONG.set(memory, at + CompletionDescriptor.HANDLE_OFFSET, handle);
        LONG.set(memory, at + CompletionDescriptor.POSITION_OFFSET, position);
        INT.set(memory, at + CompletionDescriptor.RESULT_OFFSET, result);
        SHORT.set(memory, at + CompletionDescriptor.FLAGS_OFFSET, (short) flags);
        memory.set(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.OP_OFFSET, (byte) op);
        memory.set(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.ZERO_OFFSET, (byte) 0);
        INT.set(memory, at + CompletionDescriptor.BUFFER_OFFSET, buffer);
        INT.set(memory, at + CompletionDescriptor.BUFFER_OFFSET_OFFSET, bufferOffset);
        INT.set(memory, at + CompletionDescriptor.LENGTH_OFFSET, length);
        INT.set(memory, at + CompletionDescriptor.MORE_OFFSET, more);
        LONG.set(memory, at + CompletionDescriptor.ARG0_OFFSET, arg0);
        LONG.set(memory, at + CompletionDescriptor.ARG1_OFFSET, arg1);
        cqTail++;
        dirty = true;
    }

    void complete(int op, long userData, long handle, long position, int result, int flags, int length) {
        complete(true, op, userData, handle, position, result, flags, 0, 0, length, 0, 0, 0);
    }

    /** A promised slot is not needed after all. */
    void release() {
        promised--;
    }

    /** Runs an event that needs an unpromised slot now or when there is one. */
    void whenSlotFree(Runnable event) {
        deferred.add(event);
    }

    int takeBuffer(int group) {
        ArrayDeque<Integer> free = lent.get(group);
        return free == null || free.isEmpty() ? -1 : free.remove();
    }

    /** The buffer's promised slot is used up by the completion that names it without MORE. */
    void returned(int group, int id) {
        isLent.remove((long) group << 32 | id);
    }

    int lentCount() {
        return isLent.size();
    }

    /** One pass. Returns whether there was work. */
    boolean poll(FakeEngine engine) {
        int work = pollBuffers();
        work += pollSubmissions(engine);
        while (!deferred.isEmpty() && freeSlots() > 0) {
            deferred.remove().run();
            work++;
        }
        for (FakeListener listener : listeners.values()) {
            while (listener.credit > 0 && !listener.backlog.isEmpty() && freeSlots() > 0) {
                listener.credit--;
                accept(engine, listener, listener.backlog.remove());
                work++;
            }
        }
        for (FakeConnection connection : connections.values().toArray(FakeConnection[]::new)) {
            work += connection.pump() ? 1 : 0;
        }
        return work > 0;
    }

    private void accept(FakeEngine engine, FakeListener listener, FakePeer peer) {
        FakeConnection connection = new FakeConnection(this, newHandle(), listener.userData, peer, engine.credit(this));
        connections.put(connection.handle, connection);
        int ports = peer.port | listener.port << 16;
        complete(
                false,
                Op.ACCEPT,
                listener.userData,
                connection.handle,
                0,
                0,
                0,
                0,
                0,
                0,
                ports,
                0,
                FakeEngine.PEER_ADDRESS_LOW);
        peer.attach(connection);
    }

    private int pollBuffers() {
        long tail = client(QueuePairDescriptor.BUF_TAIL_OFFSET);
        int work = 0;
        while (bufHead < tail && freeSlots() > cqEntries / 8) {
            long at = QueuePairDescriptor.bufOffset(sqEntries, cqEntries)
                    + (bufHead & (bufEntries - 1)) * BufferEntryDescriptor.LENGTH;
            int id = (int) INT.get(memory, at);
            int group = Short.toUnsignedInt((short) SHORT.get(memory, at + BufferEntryDescriptor.GROUP_OFFSET));
            bufHead++;
            work++;
            FakeGroup known = groups.get(group);
            if (known == null
                    || id < 0
                    || id >= known.count
                    || isLent.putIfAbsent((long) group << 32 | id, true) != null) {
                throw new AssertionError("client lent a bad buffer: group=" + group + " id=" + id);
            }
            promised++;
            lent.computeIfAbsent(group, key -> new ArrayDeque<>()).add(id);
        }
        LONG.setRelease(memory, (long) QueuePairDescriptor.BUF_HEAD_OFFSET, bufHead);
        return work;
    }

    private int pollSubmissions(FakeEngine engine) {
        long tail = client(QueuePairDescriptor.SQ_TAIL_OFFSET);
        int work = 0;
        while (sqHead < tail && work < maxSubmissionsPerPass && freeSlots() > 1) {
            long at = QueuePairDescriptor.RINGS_OFFSET + (sqHead & (sqEntries - 1)) * SubmissionDescriptor.LENGTH;
            int op = memory.get(ValueLayout.JAVA_BYTE, at);
            if (op != Op.CONSUMED) {
                promised++;
            }
            submissionCount++;
            handle(engine, op, at);
            sqHead++;
            work++;
        }
        LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_HEAD_OFFSET, sqHead);
        return work;
    }

    private void handle(FakeEngine engine, int op, long at) {
        int flags = memory.get(ValueLayout.JAVA_BYTE, at + SubmissionDescriptor.FLAGS_OFFSET);
        int minLength = (int) INT.get(memory, at + SubmissionDescriptor.MIN_LENGTH_OFFSET);
        long handle = (long) LONG.get(memory, at + SubmissionDescriptor.HANDLE_OFFSET);
        long userData = (long) LONG.get(memory, at + SubmissionDescriptor.USER_DATA_OFFSET);
        long position = (long) LONG.get(memory, at + SubmissionDescriptor.POSITION_OFFSET);
        int region = (int) INT.get(memory, at + SubmissionDescriptor.REGION_OFFSET);
        int length = (int) INT.get(memory, at + SubmissionDescriptor.LENGTH_OFFSET);
        long offset = (long) LONG.get(memory, at + SubmissionDescriptor.OFFSET_OFFSET);
        long arg = (long) LONG.get(memory, at + SubmissionDescriptor.ARG_OFFSET);
        switch (op) {
            case Op.LISTEN -> listen(userData, (int) arg, minLength);
            case Op.CONNECT -> {
                connectRegion = region;
                connect(engine, userData, (int) arg & 0xffff);
            }
            default -> {
                FakeListener listener = listenerOf(handle);
                FakeConnection connection = connections.get(handle);
                if (listener != null) {
                    onListener(op, listener, userData, arg);
                } else if (connection != null) {
                    connection.onSubmission(op, flags, minLength, userData, position, region, length, offset, arg);
                } else if (op != Op.CONSUMED) {
                    complete(op, userData, handle, 0, ResultCode.STALE, 0, 0);
                }
            }
        }
    }

    private FakeListener listenerOf(long handle) {
        for (FakeListener listener : listeners.values()) {
            if (listener.handle == handle) {
                return listener;
            }
        }
        return null;
    }

    private void listen(long userData, int port, int credit) {
        if (listeners.containsKey(port)) {
            complete(Op.LISTEN, userData, 0, 0, ResultCode.ADDRESS_IN_USE, 0, 0);
            return;
        }
        FakeListener listener = new FakeListener();
        listener.handle = newHandle();
        listener.userData = userData;
        listener.port = port;
        listener.credit = credit;
        listeners.put(port, listener);
        complete(Op.LISTEN, userData, listener.handle, 0, 0, CompletionFlag.MORE, 0);
        promised++; // for its end
    }

    private void onListener(int op, FakeListener listener, long userData, long arg) {
        if (op == Op.SET_OPTION) {
            listener.credit += (int) arg;
            complete(op, userData, listener.handle, 0, 0, 0, 0);
        } else {
            listeners.remove(listener.port);
            complete(Op.LISTEN, listener.userData, listener.handle, 0, 0, 0, 0);
            complete(op, userData, listener.handle, 0, 0, 0, 0);
        }
    }

    private void connect(FakeEngine engine, long userData, int port) {
        int refusal = engine.refusal(port);
        if (refusal != 0) {
            complete(Op.CONNECT, userData, 0, 0, refusal, 0, 0);
            return;
        }
        FakePeer peer = engine.peerAt(port);
        FakeConnection connection = new FakeConnection(this, newHandle(), userData, peer, engine.credit(this));
        connections.put(connection.handle, connection);
        complete(
                true,
                Op.CONNECT,
                userData,
                connection.handle,
                0,
                0,
                0,
                0,
                0,
                0,
                port | 40_000 << 16,
                0,
                FakeEngine.PEER_ADDRESS_LOW);
        peer.attach(connection);
    }

    /** Publishes completions. Returns whether the client has to be woken. */
    boolean publish() {
        if (!dirty) {
            return false;
        }
        dirty = false;
        LONG.setRelease(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET, cqTail);
        VarHandle.fullFence();
        return (long) LONG.getOpaque(memory, (long) QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET) != 0
                && (long) LONG.getAndSet(memory, (long) QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET, 0L) != 0;
    }

    /** Announces sleep. */
    void arm() {
        LONG.setOpaque(memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET, 1L);
    }

    void disarm() {
        LONG.setOpaque(memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET, 0L);
    }

    /** Whether the client has written anything that was not seen yet. */
    boolean hasNews() {
        return (client(QueuePairDescriptor.SQ_TAIL_OFFSET) != sqHead && freeSlots() > 1)
                || (client(QueuePairDescriptor.BUF_TAIL_OFFSET) != bufHead && freeSlots() > cqEntries / 8);
    }

    long copiedBytes() {
        return client(QueuePairDescriptor.COPIED_BYTES_OFFSET);
    }
}
