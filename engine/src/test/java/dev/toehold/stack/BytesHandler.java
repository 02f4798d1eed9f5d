package dev.toehold.stack;

import dev.toehold.tcp.Tcb;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An application on the heap: remembers what happened to each connection, and serves its bytes. */
final class BytesHandler implements ConnectionHandler {
    static final class Stream {
        byte[] toSend = new byte[0];
        byte[] received = new byte[1 << 20];
        long delivered;
        long acknowledged;
        boolean endOfStream;
        boolean open;
        int terminated = Integer.MIN_VALUE;
        boolean freed;
    }

    final Map<Integer, Stream> streams = new HashMap<>();
    final List<Integer> accepted = new ArrayList<>();
    boolean admits = true;
    int credit = 64 * 1024;
    RuntimeException bug;

    Stream stream(Tcb tcb) {
        return streams.computeIfAbsent(tcb.index(), index -> new Stream());
    }

    @Override
    public int place(Tcb tcb, long position, MemorySegment source, long sourceOffset, int length) {
        if (bug != null) {
            throw bug;
        }
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, sourceOffset, stream(tcb).received, (int) position, length);
        return length;
    }

    @Override
    public void onDelivered(Tcb tcb, boolean push) {
        stream(tcb).delivered = tcb.rcvNxt();
    }

    @Override
    public void onEndOfStream(Tcb tcb) {
        stream(tcb).endOfStream = true;
    }

    @Override
    public void onAcknowledged(Tcb tcb) {
        stream(tcb).acknowledged = tcb.acknowledgedPosition();
    }

    @Override
    public boolean readPayload(Tcb tcb, long position, MemorySegment destination, long destinationOffset, int length) {
        MemorySegment.copy(
                stream(tcb).toSend, (int) position, destination, ValueLayout.JAVA_BYTE, destinationOffset, length);
        return true;
    }

    @Override
    public int initialCredit(int sessionId) {
        return credit;
    }

    @Override
    public boolean admits(int listenerIndex) {
        return admits;
    }

    @Override
    public void onAccepted(Tcb tcb) {
        streams.put(tcb.index(), new Stream());
        stream(tcb).open = true;
        accepted.add(tcb.index());
    }

    @Override
    public void onConnected(Tcb tcb) {
        stream(tcb).open = true;
    }

    @Override
    public void onTerminated(Tcb tcb, int resultCode) {
        stream(tcb).terminated = resultCode;
    }

    @Override
    public void onFreed(Tcb tcb) {
        stream(tcb).freed = true;
    }
}
