package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/**
 * The remote host of a fake connection. Its methods run on the fake engine's thread, except those whose comment says
 * otherwise.
 */
final class FakePeer {
    /** What it does by itself. */
    enum Behaviour {
        /** Sends back what comes, then ends. */
        ECHO,
        /** Keeps what comes. */
        COLLECT,
        /** Takes and forgets what comes. */
        DISCARD,
        /** Takes nothing: its window is closed. */
        STUCK,
        /** Sends bytes of {@link Pattern} for ever. */
        STREAM
    }

    final FakeEngine engine;
    final Behaviour behaviour;
    final int port;

    /** Provided buffers stay bound after a partial fill, so the client sees MORE. */
    volatile boolean keepsBuffers;

    private final ArrayDeque<byte[]> outgoing = new ArrayDeque<>();
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private int headOffset;
    private long streamed;
    private boolean endDue;
    private boolean sawEnd;
    private boolean sawReset;
    private FakeConnection connection;

    FakePeer(FakeEngine engine, Behaviour behaviour, int port) {
        this.engine = engine;
        this.behaviour = behaviour;
        this.port = port;
    }

    void attach(FakeConnection attached) {
        connection = attached;
    }

    /** Any thread: sends bytes to the client. */
    void send(byte[] bytes) {
        engine.execute(() -> outgoing.add(bytes.clone()));
    }

    /** Any thread: sends FIN behind everything. */
    void end() {
        engine.execute(() -> endDue = true);
    }

    /** Any thread: sends FIN, and the engine forgets the connection, as it may where our direction had ended before. */
    void endAndBeForgotten() {
        engine.call(() -> {
            connection.onPeerEnd();
            return connection.queuePair.connections.remove(connection.handle);
        });
    }

    /** Any thread: resets. */
    void reset() {
        engine.execute(() -> connection.die(ResultCode.RESET, true));
    }

    /** Any thread: binds a provided buffer ahead of the stream, as out-of-order bytes do. */
    void bindAhead() {
        engine.call(() -> connection.bindAhead());
    }

    /** Any thread: what has come so far. */
    byte[] received() {
        return engine.call(collected::toByteArray);
    }

    /** Any thread. */
    boolean sawEnd() {
        return engine.call(() -> sawEnd);
    }

    /** Any thread. */
    boolean sawReset() {
        return engine.call(() -> sawReset);
    }

    /** Any thread. */
    boolean isAttached() {
        return engine.call(() -> connection != null);
    }

    int onBytes(MemorySegment memory, long at, int length) {
        switch (behaviour) {
            case STUCK -> {
                return 0;
            }
            case DISCARD, STREAM -> {
                return length;
            }
            default -> {}
        }
        if (behaviour == Behaviour.ECHO && outgoing.size() > 64) {
            return 0;
        }
        byte[] bytes = memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        if (behaviour == Behaviour.ECHO) {
            outgoing.add(bytes);
        } else {
            collected.writeBytes(bytes);
        }
        return length;
    }

    void onEnd() {
        sawEnd = true;
        if (behaviour == Behaviour.ECHO) {
            endDue = true;
        }
    }

    void onReset() {
        sawReset = true;
    }

    boolean pump() {
        if (behaviour == Behaviour.STREAM && outgoing.isEmpty()) {
            byte[] chunk = new byte[8192];
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = Pattern.at(streamed + i);
            }
            streamed += chunk.length;
            outgoing.add(chunk);
        }
        boolean work = false;
        while (!outgoing.isEmpty()) {
            byte[] head = outgoing.peek();
            int taken = connection.deliver(MemorySegment.ofArray(head), headOffset, head.length - headOffset);
            work |= taken > 0;
            headOffset += taken;
            if (headOffset < head.length) {
                return work;
            }
            outgoing.remove();
            headOffset = 0;
            if (behaviour == Behaviour.STREAM) {
                return true;
            }
        }
        if (endDue) {
            endDue = false;
            connection.onPeerEnd();
            work = true;
        }
        return work;
    }
}
