package dev.toehold.client;

import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The library's poll core without session, control socket, threads and clock around it, for the simulator: it is in this package because
 * the core is nobody else's business. Non-blocking; one thread.
 */
public final class SimulatedClient {
    /** What happens on a stream; see {@link ConnectionEvents}. */
    public interface StreamEvents {
        void onReadable();

        void onCompleted(int op, long token, int result, int filled);

        void onTerminated(int code);

        void onClosed();
    }

    /** The outcome of a CONNECT. */
    public interface Connector {
        void onConnected(Stream stream, int localPort);

        void onFailed(int code);
    }

    /** Takes the connections of a LISTEN. */
    public interface Acceptor {
        void onAccepted(Stream stream, int remotePort);
    }

    private final MemorySegment memory;
    private final QueuePairCore core;
    private final CompletionView view = new CompletionView();
    private final List<Stream> streams = new ArrayList<>();
    private long listenerHandle;
    private boolean isListening;

    /** Takes a queue pair that the engine has just made; see {@link QueuePairCore}. */
    public SimulatedClient(MemorySegment queuePair, int consumedThreshold) {
        memory = queuePair;
        core = new QueuePairCore(new ClientQueuePair(queuePair), consumedThreshold);
    }

    public void region(int id, MemorySegment regionMemory) {
        core.region(id, regionMemory);
    }

    /** Declares and lends provided buffers. */
    public void group(int id, int region, MemorySegment regionMemory, long base, int bufferSize, int count) {
        core.buffers().add(new BufferGroup(id, region, regionMemory, base, bufferSize, count), 0, 1);
    }

    /** OK or a negative code; the connector is told. */
    public int connect(long high, long low, int remotePort, int localPort, Connector connector) {
        return core.connect(high, low, remotePort, -1, localPort, 0, new QueuePairCore.ConnectSink() {
            @Override
            public void onConnected(ConnectionCore connection, int actualPort, int localAddressIndex) {
                connector.onConnected(add(connection), actualPort);
            }

            @Override
            public void onFailed(int code) {
                connector.onFailed(code);
            }
        });
    }

    /** OK or a negative code. */
    public int listen(int port, int backlog, int credit, Acceptor acceptor) {
        return core.listen(0, 0, port, backlog, credit, new QueuePairCore.ListenSink() {
            @Override
            public void onListening(long handle) {
                listenerHandle = handle;
                isListening = true;
            }

            @Override
            public void onAccepted(
                    ConnectionCore connection,
                    long remoteHigh,
                    long remoteLow,
                    int remotePort,
                    int localPort,
                    int localAddressIndex) {
                acceptor.onAccepted(add(connection), remotePort);
            }

            @Override
            public boolean isWanted() {
                return true;
            }

            @Override
            public void onResumed() {
                throw new IllegalStateException("engines of the simulator do not restart");
            }

            @Override
            public void onEnded(int code) {
                isListening = false;
            }
        });
    }

    private Stream add(ConnectionCore connection) {
        Stream stream = new Stream(connection);
        streams.add(stream);
        return stream;
    }

    public boolean isListening() {
        return isListening;
    }

    /** Ends the listener; OK or BACK_PRESSURED. */
    public int closeListener() {
        return core.submitForListener(Op.CLOSE, listenerHandle, 0, 0);
    }

    /** Handles completions, at most so many, and tells of what happened. Returns how many there were. */
    public int poll(int limit) {
        int count = core.poll(limit);
        core.drainEvents();
        return count;
    }

    /** Whether a call of the application left something to be told. */
    public boolean hasEvents() {
        return core.hasEvents();
    }

    /** Whether something waits for room in the submission ring. */
    public boolean hasDeferred() {
        return core.hasDeferred();
    }

    /** Whether the engine sleeps and must be woken for what was submitted. */
    public boolean takeDoorbell() {
        return core.takeDoorbell();
    }

    /** Announces sleep; false = completions are there. */
    public boolean armWakeup() {
        return core.queuePair().armWakeup();
    }

    public void disarmWakeup() {
        core.queuePair().disarmWakeup();
    }

    /** Submissions without an answer. */
    public int outstanding() {
        return core.store().outstanding();
    }

    public int lentCount() {
        return core.buffers().lentCount();
    }

    public int connectionCount() {
        return core.connectionCount();
    }

    /** Completions that named nothing known. */
    public long unknownCount() {
        return core.unknownCount();
    }

    /**
     * How far the received stream of a connection can be found without the engine: delivered, named by a completion that is published
     * and not read yet, or at the place of a RECEIVE that is posted behind those. Long.MAX_VALUE for a stream that the application has
     * closed: it wants nothing any more.
     */
    public long findable(long handle) {
        Stream stream = null;
        for (Stream each : streams) {
            if (each.core.handle() == handle) {
                stream = each;
            }
        }
        if (stream != null && stream.core.isClosing()) {
            return Long.MAX_VALUE;
        }
        long position = stream == null ? 0 : stream.core.received().receivedPosition();
        int cqEntries = core.queuePair().cqEntries();
        long base = QueuePairDescriptor.cqOffset(core.queuePair().sqEntries());
        long head = (long) QueuePairDescriptor.LONG.getAcquire(memory, (long) QueuePairDescriptor.CQ_HEAD_OFFSET);
        long tail = (long) QueuePairDescriptor.LONG.getAcquire(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET);
        for (long i = head; i < tail; i++) {
            view.load(memory, base + (i & (cqEntries - 1)) * CompletionDescriptor.LENGTH);
            boolean delivers = view.op == Op.PROVIDED || view.op == Op.RECEIVE;
            if (view.handle == handle && delivers && view.position == position) {
                position += view.length;
            }
        }
        return stream == null ? position : stream.behindPosted(position);
    }

    /** One connection. */
    public final class Stream {
        private final ConnectionCore core;
        private long posted;

        private Stream(ConnectionCore core) {
            this.core = core;
        }

        private long behindPosted(long from) {
            posted = from;
            core.forEachUncompleted((op, position, region, offset, length) -> {
                if (op == Op.RECEIVE && position <= posted) {
                    posted = Math.max(posted, position + length);
                }
            });
            return posted;
        }

        public void events(StreamEvents events) {
            core.setUser(new ConnectionEvents() {
                @Override
                public void onReadable() {
                    events.onReadable();
                }

                @Override
                public void onCompleted(int op, Object attachment, long token, int result, int filled) {
                    if (attachment != null) {
                        events.onCompleted(op, token, result, filled);
                    }
                }

                @Override
                public void onTerminated(int code) {
                    events.onTerminated(code);
                }

                @Override
                public void onClosed() {
                    streams.remove(Stream.this);
                    events.onClosed();
                }
            });
        }

        public long handle() {
            return core.handle();
        }

        /** Position, or a negative code. */
        public long send(int region, long offset, int length, int flags, long token) {
            return core.send(region, offset, length, flags, this, token);
        }

        /** OK or a negative code. */
        public int receive(int region, long offset, int length, int minLength, long token) {
            return core.receive(region, offset, length, minLength, this, token);
        }

        /** OK or a negative code. */
        public int flush() {
            return core.flush(this, 0);
        }

        /** OK or a negative code. */
        public int shutdownOutput() {
            return core.shutdownOutput(this, 0);
        }

        /** OK or a negative code. */
        public int setOption(int option, long value) {
            return core.setOption(option, value, this, 0);
        }

        public void close(boolean abort) {
            core.close(abort);
        }

        /** Bytes in provided buffers. */
        public long available() {
            return core.received().chain().bytes();
        }

        /** End of what the application has. */
        public long consumedPosition() {
            return core.received().consumedPosition();
        }

        public boolean isEndOfStream() {
            return core.received().isEndOfStream();
        }

        /** 0 while it lives. */
        public int terminatedCode() {
            return core.terminatedCode();
        }

        /** Memory of the first piece in provided buffers; only if something is {@link #available}. */
        public MemorySegment pieceMemory() {
            return SimulatedClient.this
                    .core
                    .buffers()
                    .memory(core.received().chain().headKey());
        }

        /** Where that piece begins. */
        public long pieceOffset() {
            return SimulatedClient.this
                            .core
                            .buffers()
                            .offset(core.received().chain().headKey())
                    + core.received().chain().headOffset();
        }

        public int pieceLength() {
            return core.received().chain().headLength();
        }

        /** What has not completed, for a failure's report. */
        public String describe() {
            StringBuilder text = new StringBuilder();
            text.append("received=").append(core.received().receivedPosition());
            core.forEachUncompleted(
                    (op, position, region, offset, length) -> text.append(op == Op.RECEIVE ? " RECEIVE@" : " SEND@")
                            .append(position)
                            .append('+')
                            .append(length));
            SubmissionStore store = SimulatedClient.this.core.store();
            for (int slot = 0; slot < store.capacity(); slot++) {
                if (store.owner[slot] == core && store.op[slot] == Op.RECEIVE) {
                    text.append(" [posted=%b done=%b filled=%d min=%d length=%d position=%d]"
                            .formatted(
                                    store.posted[slot],
                                    store.engineDone[slot],
                                    store.filled[slot],
                                    store.minLength[slot],
                                    store.length[slot],
                                    store.position[slot]));
                }
            }
            return text.toString();
        }

        /** The application has taken that much of the first piece. */
        public void consume(int length) {
            core.consumeHead(length);
        }
    }
}
