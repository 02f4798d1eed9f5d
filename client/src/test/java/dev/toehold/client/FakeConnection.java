package dev.toehold.client;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import dev.toehold.client.FakeQueuePair.FakeGroup;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** One connection in the fake engine: bindings, window and completions as the contract says, the network left out. */
final class FakeConnection {
    final FakeQueuePair queuePair;
    final long handle;
    final long userData;
    final FakePeer peer;
    private final ArrayDeque<Binding> bindings = new ArrayDeque<>();
    private final List<long[]> sends = new ArrayList<>();
    private long credit;
    private long received;
    private long consumed;
    private long sent;
    private long shutdownUserData = -1;
    private long closeUserData;
    private boolean endTold;
    private boolean dead;
    private boolean closed;

    /** Where bytes of [start, end) go. */
    private static final class Binding {
        long start;
        long end;
        MemorySegment memory;
        long offset;
        long userData;
        long minPosition;
        boolean isReceive;
        boolean exact;
        int group;
        int buffer;
        long told;
    }

    FakeConnection(FakeQueuePair queuePair, long handle, long userData, FakePeer peer, long credit) {
        this.queuePair = queuePair;
        this.handle = handle;
        this.userData = userData;
        this.peer = peer;
        this.credit = credit;
    }

    private long boundEnd() {
        return bindings.isEmpty() ? received : bindings.peekLast().end;
    }

    void onSubmission(
            int op, int flags, int minLength, long user, long position, int region, int length, long offset, long arg) {
        if (closed && op != Op.CONSUMED) {
            queuePair.complete(op, user, handle, 0, ResultCode.CLOSED, 0, 0);
            return;
        }
        switch (op) {
            case Op.RECEIVE -> receive(minLength, user, position, region, length, offset);
            case Op.SEND -> send(user, position, region, length, offset);
            case Op.CONSUMED -> {
                consumed += arg;
                queuePair.consumedCount += arg;
                if (consumed > received) {
                    throw new AssertionError("consumed=" + consumed + " beyond received=" + received);
                }
            }
            case Op.FLUSH -> {
                completeReceives(0);
                queuePair.complete(op, user, handle, 0, 0, 0, 0);
            }
            case Op.SHUTDOWN -> {
                shutdownUserData = user;
            }
            case Op.SET_OPTION -> {
                if (length == Option.RECEIVE_CREDIT) {
                    credit = arg;
                }
                queuePair.complete(op, user, handle, 0, length > 9 || length < 1 ? ResultCode.INVALID : 0, 0, 0);
            }
            case Op.ABORT -> {
                peer.onReset();
                die(ResultCode.RESET, false);
                queuePair.complete(op, user, handle, 0, 0, 0, 0);
            }
            case Op.CLOSE -> close(user);
            default -> throw new AssertionError("op=" + op);
        }
    }

    private void receive(int minLength, long user, long position, int region, int length, long offset) {
        if (dead) {
            queuePair.complete(Op.RECEIVE, user, handle, received, ResultCode.RESET, 0, 0);
            return;
        }
        long first = position == Abi.NEXT_POSITION ? boundEnd() : position;
        long start = Math.max(first, boundEnd());
        long end = first + length;
        if (start >= end) {
            queuePair.complete(Op.RECEIVE, user, handle, start, 0, endTold ? CompletionFlag.EOF : 0, 0);
            return;
        }
        if (first > start) {
            throw new AssertionError("RECEIVE at " + first + " leaves a gap behind " + start);
        }
        Binding binding = new Binding();
        binding.isReceive = true;
        binding.start = start;
        binding.told = start;
        binding.end = end;
        binding.memory = queuePair.regions.apply(region);
        binding.offset = offset + (start - first);
        binding.userData = user;
        binding.exact = minLength == 0;
        binding.minPosition = minLength == 0 ? end : first + minLength;
        bindings.add(binding);
        completeSatisfied(true);
        if (endTold) {
            completeReceives(CompletionFlag.EOF);
        }
    }

    /** Binds a provided buffer ahead of the bytes, as a segment out of order does. Returns whether there was one. */
    boolean bindAhead() {
        for (FakeGroup group : queuePair.groups.values()) {
            int id = queuePair.takeBuffer(group.group);
            if (id >= 0) {
                Binding binding = new Binding();
                binding.start = boundEnd();
                binding.told = binding.start;
                binding.end = binding.start + group.bufferSize;
                binding.memory = queuePair.regions.apply(group.region);
                binding.offset = group.base + (long) id * group.bufferSize;
                binding.group = group.group;
                binding.buffer = id;
                bindings.add(binding);
                return true;
            }
        }
        return false;
    }

    /** Bytes from the peer, if the window allows. Returns how many were taken. */
    int deliver(MemorySegment source, long at, int length) {
        if (closed || dead) {
            return length;
        }
        long postedEnd = received;
        for (Binding binding : bindings) {
            postedEnd = binding.isReceive ? binding.end : postedEnd;
        }
        long edge = Math.max(postedEnd, consumed + credit);
        int allowed = (int) Math.min(length, edge - received);
        int taken = 0;
        while (taken < allowed && queuePair.freeSlots() > 1) {
            if (bindings.isEmpty() && !bindAhead()) {
                break;
            }
            Binding binding = bindings.peek();
            int count = (int) Math.min(allowed - taken, binding.end - received);
            MemorySegment.copy(source, at + taken, binding.memory, binding.offset + (received - binding.start), count);
            received += count;
            taken += count;
            if (binding.isReceive) {
                consumed += count;
            }
            if (received == binding.end) {
                finish(bindings.remove(), 0, 0);
            }
        }
        completeSatisfied(taken == length);
        tellPartial();
        return taken;
    }

    private void completeSatisfied(boolean push) {
        while (!bindings.isEmpty()) {
            Binding binding = bindings.peek();
            if (!binding.isReceive || binding.exact || received < binding.minPosition || !push) {
                return;
            }
            finish(bindings.remove(), 0, 0);
            if (!bindings.isEmpty() && bindings.peek().start > received) {
                throw new AssertionError("RECEIVE posted behind one that completed short");
            }
        }
    }

    /** A provided buffer that is partly filled: tells what is in it; unbinds it unless the test wants MORE. */
    private void tellPartial() {
        Binding binding = bindings.peek();
        if (binding == null || binding.isReceive || received == binding.told) {
            return;
        }
        if (bindings.size() > 1 || (queuePair.freeSlots() > 2 && peer.keepsBuffers)) {
            provided(binding, CompletionFlag.MORE | CompletionFlag.PUSH, false, 0);
            binding.told = received;
        } else {
            finish(bindings.remove(), CompletionFlag.PUSH, 0);
        }
    }

    private void finish(Binding binding, int flags, int result) {
        if (binding.isReceive) {
            int length = (int) (Math.max(received, binding.start) - binding.start);
            queuePair.complete(Op.RECEIVE, binding.userData, handle, binding.start, result, flags, length);
        } else {
            queuePair.returned(binding.group, binding.buffer);
            provided(binding, flags, true, result);
        }
    }

    private void provided(Binding binding, int flags, boolean isPromised, int result) {
        int length = (int) (Math.max(received, binding.told) - binding.told);
        queuePair.complete(
                isPromised,
                Op.PROVIDED,
                userData,
                handle,
                Math.min(binding.told, received),
                result,
                flags | CompletionFlag.BUFFER,
                binding.buffer,
                (int) (binding.told - binding.start),
                length,
                binding.group,
                0,
                0);
    }

    private void completeReceives(int flags) {
        for (Binding binding : bindings.toArray(Binding[]::new)) {
            if (binding.isReceive || flags != 0) {
                bindings.remove(binding);
                finish(binding, binding.isReceive ? flags : 0, 0);
            }
        }
    }

    /** The peer's FIN. */
    void onPeerEnd() {
        if (endTold || dead || closed) {
            return;
        }
        endTold = true;
        boolean hadReceive = bindings.stream().anyMatch(binding -> binding.isReceive);
        completeReceives(CompletionFlag.EOF);
        if (!hadReceive) {
            queuePair.whenSlotFree(() -> queuePair.complete(
                    false, Op.PROVIDED, userData, handle, received, 0, CompletionFlag.EOF, 0, 0, 0, 0, 0, 0));
        }
    }

    private void send(long user, long position, int region, int length, long offset) {
        if (dead) {
            queuePair.complete(Op.SEND, user, handle, position, ResultCode.RESET, 0, length);
            return;
        }
        if (position != sent) {
            throw new AssertionError("SEND at " + position + ", expected " + sent);
        }
        sent += length;
        sends.add(new long[] {user, position, region, length, offset, 0});
    }

    /** Moves sent bytes to the peer. Returns whether there was work. */
    boolean pump() {
        boolean work = peer.pump();
        long[] lastDone = null;
        while (!sends.isEmpty()) {
            long[] send = sends.getFirst();
            int rest = (int) (send[3] - send[5]);
            int taken = peer.onBytes(queuePair.regions.apply((int) send[2]), send[4] + send[5], rest);
            work |= taken > 0;
            send[5] += taken;
            if (taken < rest) {
                break;
            }
            if (lastDone != null) {
                queuePair.release(); // several SENDs share one completion
            }
            lastDone = send;
            sends.removeFirst();
        }
        if (lastDone != null) {
            queuePair.complete(Op.SEND, lastDone[0], handle, lastDone[1], (int) lastDone[3], 0, (int) lastDone[3]);
        }
        if (sends.isEmpty() && shutdownUserData >= 0) {
            peer.onEnd();
            queuePair.complete(Op.SHUTDOWN, shutdownUserData, handle, 0, 0, 0, 0);
            shutdownUserData = -1;
        }
        if (sends.isEmpty() && closed) {
            peer.onEnd();
            queuePair.connections.remove(handle);
            queuePair.complete(Op.CLOSE, closeUserData, handle, 0, 0, 0, 0);
        }
        return work;
    }

    private void close(long user) {
        closed = true;
        closeUserData = user;
        returnBindings(ResultCode.CLOSED);
    }

    private void returnBindings(int code) {
        for (Binding binding : bindings.toArray(Binding[]::new)) {
            bindings.remove(binding);
            finish(binding, 0, code);
        }
    }

    /** The connection dies. */
    void die(int code, boolean tell) {
        if (dead || closed) {
            return;
        }
        dead = true;
        returnBindings(code);
        for (long[] send : sends) {
            queuePair.complete(
                    true, Op.SEND, send[0], handle, send[1], code, 0, 0, 0, (int) send[3], (int) send[5], 0, 0);
        }
        sends.clear();
        if (shutdownUserData >= 0) {
            queuePair.complete(Op.SHUTDOWN, shutdownUserData, handle, 0, code, 0, 0);
            shutdownUserData = -1;
        }
        if (tell) {
            queuePair.whenSlotFree(() ->
                    queuePair.complete(false, Op.TERMINATED, userData, handle, received, code, 0, 0, 0, 0, 0, 0, 0));
        }
    }
}
