package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SlotShares;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Everything that a session has on one lcore: the queue pair, the connections and listeners that the lcore owns, their
 * uncompleted submissions and the provided buffers. No threads, no clock, no locks; non-blocking; allocates when a
 * connection comes, not when bytes come. One thread at a time.
 *
 * <p>Use: call verbs, {@link #poll}, then {@link #drainEvents} until nothing is left, then ring the doorbell if {@link
 * #takeDoorbell} says so.
 */
final class QueuePairCore {
    private static final int MAX_CONSUMED_THRESHOLD = 16 << 10;

    private ClientQueuePair queuePair;
    private final SubmissionStore store;
    private final ProvidedBuffers buffers;
    private final HandleMap<ConnectionCore> connections = new HandleMap<>();
    private final MemorySegment[] regions = new MemorySegment[Abi.MAX_REGIONS];
    private final CompletionView completion = new CompletionView();
    private final int consumedThreshold;
    private int doneHead = NONE;
    private int doneTail = NONE;
    private ConnectionCore eventHead;
    private ConnectionCore eventTail;
    private ConnectionCore deferredHead;
    private ConnectionCore deferredTail;
    private long unknownCount;
    private boolean finished;

    /**
     * Takes a fresh queue pair.
     *
     * @param receiveCreditBytes of a new connection
     */
    QueuePairCore(ClientQueuePair queuePair, int receiveCreditBytes) {
        this.queuePair = queuePair;
        this.store = new SubmissionStore(queuePair.sqEntries() + queuePair.cqEntries());
        this.buffers = new ProvidedBuffers(queuePair);
        this.consumedThreshold = consumedThreshold(receiveCreditBytes);
    }

    ClientQueuePair queuePair() {
        return queuePair;
    }

    SubmissionStore store() {
        return store;
    }

    ProvidedBuffers buffers() {
        return buffers;
    }

    /** Bytes that the application takes before the engine is told, on a new connection. */
    int consumedThreshold() {
        return consumedThreshold;
    }

    /** A quarter of the credit keeps the window moving. */
    static int consumedThreshold(int receiveCreditBytes) {
        return Math.clamp(receiveCreditBytes / 4, 1, MAX_CONSUMED_THRESHOLD);
    }

    /** Completions that named nothing known: late answers for connections that are gone. */
    long unknownCount() {
        return unknownCount;
    }

    int connectionCount() {
        return connections.size();
    }

    void forEachConnection(Consumer<ConnectionCore> visitor) {
        connections.forEach(visitor);
    }

    /** Memory of a region, for copies; null forgets it. */
    void region(int region, MemorySegment memory) {
        regions[region] = memory;
    }

    MemorySegment regionMemory(int region) {
        return regions[region];
    }

    /** Whether one more SEND or RECEIVE that needs so many completion slots keeps to {@link SlotShares}. */
    boolean hasSlots(int op, int slots) {
        int entries = queuePair.cqEntries();
        int lent = buffers.lentCount();
        int buffersToCome = Math.max(0, Math.min(SlotShares.buffers(entries), buffers.declaredCount()) - lent);
        int others = op == Op.SEND ? store.receiveSlots() : store.sendSlots();
        int left = entries - store.slots() - lent - slots;
        return !store.isFull() && left >= SlotShares.leftBy(entries, buffersToCome, others);
    }

    /** Whether something waits that no completion announces: the engine has yet to take what is in the ring. */
    boolean isRingFull() {
        return !finished && queuePair.sqRoom() == 0;
    }

    /** Submits what a slot describes. Returns OK or BACK_PRESSURED. */
    int submit(int slot, long handle) {
        return submitRest(slot, handle, 0);
    }

    /** Submits what a slot describes without its first bytes, which are done. Returns OK or BACK_PRESSURED. */
    int submitRest(int slot, long handle, int done) {
        return queuePair.offer(
                store.op[slot],
                store.flags[slot],
                store.minLength[slot],
                handle,
                store.userData(slot),
                store.position[slot] + done,
                store.region[slot],
                store.length[slot] - done,
                store.offset[slot] + done,
                store.arg[slot]);
    }

    int submitConsumed(long handle, long count) {
        return queuePair.offer(Op.CONSUMED, 0, 0, handle, 0, 0, 0, 0, 0, count);
    }

    /**
     * Opens a connection; the sink is told on completion.
     *
     * @param timeoutMs 0 = the engine's default
     * @param localAddress index in the WELCOME's list, -1 = the engine chooses
     * @return OK, BACK_PRESSURED or ENGINE_GONE
     */
    int connect(long high, long low, int remotePort, int localAddress, int localPort, int timeoutMs, ConnectSink sink) {
        long ports = remotePort | (long) localPort << 16;
        return submitEndpoint(Op.CONNECT, high, low, localAddress + 1, 0, timeoutMs, ports, sink);
    }

    /** Accepts connections; the sink is told of each, and of the listener's begin and end. Returns OK, BACK_PRESSURED or ENGINE_GONE. */
    int listen(long high, long low, int port, int backlog, int credit, ListenSink sink) {
        return submitEndpoint(Op.LISTEN, high, low, 0, backlog, credit, port, sink);
    }

    private int submitEndpoint(
            int op, long high, long low, int region, int length, int minLength, long arg, Object sink) {
        if (finished) {
            return ResultCode.ENGINE_GONE;
        }
        if (store.isFull()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(op, sink, null, 0);
        store.position[slot] = high;
        store.offset[slot] = low;
        store.region[slot] = region;
        store.length[slot] = length;
        store.minLength[slot] = minLength;
        store.arg[slot] = arg;
        if (submit(slot, 0) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        return ResultCode.OK;
    }

    /** SET_OPTION or CLOSE of a listener; nobody is told the outcome. Returns OK, BACK_PRESSURED or ENGINE_GONE. */
    int submitForListener(int op, long handle, int option, long value) {
        if (finished) {
            return ResultCode.ENGINE_GONE;
        }
        if (store.isFull()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(op, null, null, 0);
        store.length[slot] = option;
        store.arg[slot] = value;
        if (submit(slot, handle) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        return ResultCode.OK;
    }

    /** Handles at most limit completions. Returns how many there were. */
    int poll(int limit) {
        if (finished) {
            return 0;
        }
        int available = queuePair.available();
        int count = Math.min(available, limit);
        boolean scarce = available + store.outstanding() + buffers.lentCount() >= queuePair.cqEntries() / 4 * 3
                || (count > 0 && !queuePair.allTaken());
        for (int i = 0; i < count; i++) {
            queuePair.take(completion);
            dispatch();
        }
        if (count > 0) {
            queuePair.releaseTaken();
            if (scarce) {
                queuePair.requestDoorbell(); // the engine may sleep with something that waits for completion slots only
            }
        }
        runDeferred();
        buffers.refill();
        return count;
    }

    private void dispatch() {
        switch (completion.op) {
            case Op.LISTEN -> onListen();
            case Op.ACCEPT -> onAccept();
            case Op.CONNECT -> onConnect();
            default -> {
                ConnectionCore connection = completion.handle == 0 ? null : connections.get(completion.handle);
                if (connection != null) {
                    connection.onCompletion(completion);
                } else {
                    onUnknown();
                }
            }
        }
    }

    private void onListen() {
        int slot = store.slotOf(completion.userData);
        if (slot == NONE || !(store.owner[slot] instanceof ListenSink sink)) {
            throw completion.violation("no such LISTEN is outstanding");
        }
        if (completion.result >= 0 && completion.hasFlag(CompletionFlag.MORE)) {
            store.token[slot] = completion.handle;
            sink.onListening(completion.handle);
        } else {
            store.free(slot);
            sink.onEnded(completion.result);
        }
    }

    private void onAccept() {
        int slot = store.slotOf(completion.userData);
        if (slot == NONE || !(store.owner[slot] instanceof ListenSink sink)) {
            throw completion.violation("no such LISTEN is outstanding");
        }
        ConnectionCore connection = newConnection();
        int remotePort = completion.more & 0xffff;
        int localPort = completion.more >>> 16;
        sink.onAccepted(connection, completion.arg0, completion.arg1, remotePort, localPort, completion.buffer);
    }

    private void onConnect() {
        int slot = store.slotOf(completion.userData);
        if (slot == NONE || !(store.owner[slot] instanceof ConnectSink sink)) {
            throw completion.violation("no such CONNECT is outstanding");
        }
        store.free(slot);
        if (completion.result < 0) {
            sink.onFailed(completion.result);
            return;
        }
        sink.onConnected(newConnection(), completion.more >>> 16, completion.buffer);
    }

    private ConnectionCore newConnection() {
        ConnectionCore connection = new ConnectionCore(this, completion.handle);
        if (!connections.put(completion.handle, connection)) {
            throw completion.violation("the handle is 0 or in use");
        }
        return connection;
    }

    private void onUnknown() {
        int slot = store.slotOf(completion.userData);
        if (slot != NONE && completion.op == store.op[slot] && store.owner[slot] == null) {
            store.free(slot); // SET_OPTION or CLOSE of a listener
        } else if (completion.op == Op.PROVIDED && completion.hasFlag(CompletionFlag.BUFFER)) {
            int key = buffers.check(completion);
            if (!completion.hasFlag(CompletionFlag.MORE)) {
                buffers.onReturned(key);
            }
            unknownCount++;
        } else if (completion.op == Op.PROVIDED && completion.handle == 0 && completion.result < 0) {
            buffers.onRefused(completion.more, completion.buffer);
        } else if (slot != NONE && store.owner[slot] instanceof ConnectionCore connection) {
            connection.onCompletion(completion); // refused as STALE: the handle field need not be ours
        } else {
            unknownCount++;
        }
    }

    /** Remembers to try again when the submission ring has room. */
    void defer(ConnectionCore connection) {
        if (connection.isDeferred) {
            return;
        }
        connection.isDeferred = true;
        if (deferredTail == null) {
            deferredHead = connection;
        } else {
            deferredTail.nextDeferred = connection;
        }
        deferredTail = connection;
    }

    /** Whether something waits for room in the submission ring, which no completion announces: poll again soon. */
    boolean hasDeferred() {
        return deferredHead != null;
    }

    private void runDeferred() {
        while (deferredHead != null && queuePair.sqRoom() > 0 && !store.isFull()) {
            ConnectionCore connection = deferredHead;
            deferredHead = connection.nextDeferred;
            if (deferredHead == null) {
                deferredTail = null;
            }
            connection.nextDeferred = null;
            connection.isDeferred = false;
            if (!connection.runDeferred()) {
                return;
            }
        }
    }

    /** A submission is done: its user is told at the next drain. */
    void complete(int slot, int result) {
        store.result[slot] = result;
        store.next[slot] = NONE;
        if (doneTail == NONE) {
            doneHead = slot;
        } else {
            store.next[doneTail] = slot;
        }
        doneTail = slot;
    }

    void addEvent(ConnectionCore connection) {
        if (eventTail == null) {
            eventHead = connection;
        } else {
            eventTail.nextEvent = connection;
        }
        eventTail = connection;
    }

    boolean hasEvents() {
        return doneHead != NONE || eventHead != null;
    }

    /** Tells users what happened, completions before events, until nothing is left. */
    void drainEvents() {
        while (hasEvents()) {
            while (doneHead != NONE) {
                drainCompletion();
            }
            if (eventHead != null) {
                ConnectionCore connection = eventHead;
                eventHead = connection.nextEvent;
                if (eventHead == null) {
                    eventTail = null;
                }
                connection.nextEvent = null;
                connection.events().drain();
            }
        }
    }

    private void drainCompletion() {
        int slot = doneHead;
        doneHead = store.next[slot];
        if (doneHead == NONE) {
            doneTail = NONE;
        }
        ConnectionCore connection = (ConnectionCore) store.owner[slot];
        int op = store.op[slot];
        Object attachment = store.attachment[slot];
        long token = store.token[slot];
        int result = store.result[slot];
        int filled = store.filled[slot];
        store.free(slot);
        connection.events().drainCompletion(op, attachment, token, result, filled);
    }

    boolean takeDoorbell() {
        return !finished && queuePair.takeDoorbell();
    }

    void forget(ConnectionCore connection) {
        connections.remove(connection.handle());
    }

    /** Nothing comes from the engine any more. */
    boolean isFinished() {
        return finished;
    }

    /** The engine is gone: takes what it had published; until {@link #attach} everything that is asked for has to wait. */
    void detach() {
        drainRing();
        queuePair.detach();
    }

    private void drainRing() {
        try {
            while (poll(queuePair.cqEntries()) > 0) {
                // each pass empties the ring; the engine adds nothing any more
            }
        } catch (EngineProtocolException e) {
            unknownCount++; // it is going anyway
        }
    }

    /** Another engine's queue pair takes the place of the one that was detached. What was outstanding is submitted by the caller. */
    void attach(ClientQueuePair fresh) {
        queuePair = fresh;
        buffers.attach(fresh);
    }

    /** Visits the handle of each listener that stands and is still wanted. */
    void forEachListener(LongConsumer visitor) {
        for (int slot = 0; slot < store.capacity(); slot++) {
            if (store.op[slot] == Op.LISTEN
                    && store.token[slot] != 0
                    && store.owner[slot] instanceof ListenSink sink
                    && sink.isWanted()) {
                visitor.accept(store.token[slot]);
            }
        }
    }

    /**
     * After {@link #attach}: submits what opens connections again. What was on its way for listeners is forgotten.
     *
     * @param resumedListeners handles of listeners that stand in the new engine
     */
    void resubmitOpens(Set<Long> resumedListeners) {
        for (int slot = 0; slot < store.capacity(); slot++) {
            if (store.op[slot] == 0) {
                continue;
            }
            if (store.owner[slot] == null) {
                store.free(slot);
            } else if (store.owner[slot] instanceof ConnectSink) {
                resubmitOpen(slot);
            } else if (store.owner[slot] instanceof ListenSink sink) {
                if (resumedListeners.contains(store.token[slot])) {
                    sink.onResumed();
                } else if (sink.isWanted()) {
                    resubmitOpen(slot);
                } else {
                    store.free(slot);
                    sink.onEnded(ResultCode.CLOSED);
                }
            }
        }
    }

    private void resubmitOpen(int slot) {
        Object sink = store.owner[slot];
        if (submit(slot, 0) == ResultCode.OK) {
            return;
        }
        store.free(slot); // more opens at once than the ring has places
        if (sink instanceof ConnectSink connect) {
            connect.onFailed(ResultCode.ENGINE_GONE);
        } else if (sink instanceof ListenSink listen) {
            listen.onEnded(ResultCode.ENGINE_GONE);
        }
    }

    /** The engine is gone for good: takes what it had published, then ends everything with the code. */
    void finish(int code) {
        drainRing();
        finished = true;
        List<ConnectionCore> all = new ArrayList<>();
        connections.forEach(all::add);
        all.forEach(connection -> connection.finish(code));
        for (int slot = 0; slot < store.capacity(); slot++) {
            if (store.op[slot] == Op.CONNECT && store.owner[slot] instanceof ConnectSink sink) {
                store.free(slot);
                sink.onFailed(code);
            } else if (store.op[slot] == Op.LISTEN && store.owner[slot] instanceof ListenSink sink) {
                store.free(slot);
                sink.onEnded(code);
            }
        }
    }

    /** Who wants the outcome of a CONNECT. Called while state changes: note it and return. */
    interface ConnectSink {
        void onConnected(ConnectionCore connection, int localPort, int localAddressIndex);

        void onFailed(int code);
    }

    /** Who wants the connections of a LISTEN. Called while state changes: note it and return. */
    interface ListenSink {
        void onListening(long handle);

        void onAccepted(
                ConnectionCore connection,
                long remoteHigh,
                long remoteLow,
                int remotePort,
                int localPort,
                int localAddressIndex);

        void onEnded(int code);

        /** Whether connections are still wanted: if so, a restarted engine is asked for them again. */
        boolean isWanted();

        /** The listener stands in a restarted engine, with the same handle and without credit. */
        void onResumed();
    }
}
