package dev.toehold.perf.hostile;

import static dev.toehold.abi.QueuePairDescriptor.LONG;

import dev.toehold.abi.Abi;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlException;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.ControlMessage;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.HugePages;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.Seal;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** A session by hand: the control socket, one region, one queue pair of the first lcore. Knows the contract and keeps to none of it. */
final class HostileClient implements AutoCloseable {
    static final int REGION = 0;
    static final long REGION_BYTES = 1 << 20;

    /** The first half of the region; buffers of group 0. */
    static final int BUFFER_SIZE = 2048;

    static final int BUFFERS = 256;

    private static final long PATIENCE_NS = 10_000_000_000L;

    /** Who is not answered for so long has asked for something that waits for himself. */
    private static final long ANSWER_PATIENCE_NS = 400_000_000L;

    private static final int CREDIT_BYTES = 64 << 10;
    private static final String HUNG_UP = "hung-up";

    final SeqPacketSocket socket;
    final Rings rings;
    final MemFd memory;
    final Mapping region;
    final Fd wakeup;
    final Fd doorbell;
    final Fd queuePair;
    final int sessionId;
    private final Mapping queuePairMapping;
    private final Control control;

    private HostileClient(Control control, ControlBody.Welcome welcome, Fd wakeup) throws EndedException {
        this.control = control;
        this.socket = control.socket;
        this.wakeup = wakeup;
        sessionId = welcome.sessionId();
        memory = newMemory(REGION_BYTES);
        region = Mapping.map(memory.fd(), 0, REGION_BYTES, Mapping.Access.READ_WRITE);
        control.mustBeOk(new ControlBody.Register(REGION, REGION_BYTES), memory.fd());
        control.mustBeOk(new ControlBody.Group(0, REGION, 0, BUFFER_SIZE, BUFFERS));
        Answer answer = control.ask(new ControlBody.QueuePair(0));
        if (!(answer.body instanceof ControlBody.QueuePairReady ready)) {
            throw new EndedException("no-queue-pair");
        }
        queuePair = answer.descriptors.get(0);
        doorbell = answer.descriptors.get(1);
        queuePairMapping = Mapping.map(queuePair, 0, ready.length(), Mapping.Access.READ_WRITE);
        rings = new Rings(queuePairMapping.segment(), doorbell);
    }

    /** The engine has hung up, or does not answer. */
    static final class EndedException extends Exception {
        private static final long serialVersionUID = 1L;

        EndedException(String reason) {
            super(reason);
        }
    }

    /** An answer and its descriptors. */
    record Answer(ControlBody body, List<Fd> descriptors) {
        int result() {
            return body instanceof ControlBody.Reply reply ? reply.result() : ResultCode.OK;
        }

        void close() {
            descriptors.forEach(Fd::close);
        }
    }

    /** A control socket without a session. */
    static final class Control implements AutoCloseable {
        final SeqPacketSocket socket;
        private final MemorySegment buffer = Arena.ofAuto().allocate(ControlMessage.MAX_LENGTH, Long.BYTES);
        private final SeqPacketMessage message = new SeqPacketMessage();
        private long correlation = 1;

        Control(String path) {
            socket = SeqPacketSocket.connect(path, PATIENCE_NS);
        }

        /** Encodes a request; returns its length in {@link #buffer()}. */
        int encode(ControlBody body) {
            return new ControlEncoder(buffer).encode(++correlation, body);
        }

        MemorySegment buffer() {
            return buffer;
        }

        /** Sends bytes as they are. Returns what the socket says. */
        int send(MemorySegment bytes, Fd... descriptors) {
            return socket.send(bytes, descriptors);
        }

        Answer ask(ControlBody body, Fd... descriptors) throws EndedException {
            int length = encode(body);
            sendPatiently(buffer.asSlice(0, length), descriptors);
            return answer(correlation);
        }

        void sendPatiently(MemorySegment bytes, Fd... descriptors) throws EndedException {
            int result = socket.send(bytes, descriptors);
            if (result == SeqPacketSocket.WOULD_BLOCK && socket.awaitWritable(PATIENCE_NS)) {
                result = socket.send(bytes, descriptors);
            }
            if (result == SeqPacketSocket.HANG_UP) {
                drain();
                throw new EndedException(HUNG_UP);
            }
        }

        void mustBeOk(ControlBody body, Fd... descriptors) throws EndedException {
            Answer answer = ask(body, descriptors);
            answer.close();
            if (answer.result() != ResultCode.OK) {
                throw new EndedException("refused-" + ResultCode.name(answer.result()));
            }
        }

        /** The answer to a request, whatever comes before it; the engine's last words end everything. */
        Answer answer(long toCorrelation) throws EndedException {
            while (true) {
                Answer answer = next(toCorrelation);
                if (answer != null) {
                    return answer;
                }
            }
        }

        private Answer next(long toCorrelation) throws EndedException {
            int result = socket.receive(message);
            if (result == SeqPacketSocket.HANG_UP) {
                throw new EndedException(HUNG_UP);
            }
            if (result < 0) {
                if (!socket.awaitReadable(ANSWER_PATIENCE_NS)) {
                    throw new EndedException("no-answer");
                }
                return null;
            }
            return take(result, toCorrelation);
        }

        private Answer take(int length, long toCorrelation) throws EndedException {
            try {
                ControlFrame frame = new ControlDecoder().decode(message.payload(), length);
                if (frame.correlation() == 0 && frame.body() instanceof ControlBody.Reply farewell) {
                    throw new EndedException(ResultCode.name(farewell.result()));
                }
                if (frame.correlation() != toCorrelation || frame.more()) {
                    return null;
                }
                List<Fd> descriptors = new ArrayList<>();
                for (int i = 0; i < message.descriptorCount(); i++) {
                    descriptors.add(message.takeDescriptor(i));
                }
                return new Answer(frame.body(), descriptors);
            } catch (ControlException e) {
                throw new EndedException("engine-sent-nonsense");
            } finally {
                message.close();
            }
        }

        /** Reads what has come. */
        void drain() throws EndedException {
            while (true) {
                int result = socket.receive(message);
                if (result == SeqPacketSocket.HANG_UP) {
                    throw new EndedException(HUNG_UP);
                }
                if (result < 0) {
                    return;
                }
                Answer answer = take(result, -1);
                if (answer != null) {
                    answer.close();
                }
            }
        }

        @Override
        public void close() {
            socket.close();
            message.close();
        }
    }

    /** Attaches in good order. */
    static HostileClient attach(String path) throws EndedException {
        Control control = new Control(path);
        try {
            Answer answer = control.ask(hello());
            if (!(answer.body instanceof ControlBody.Welcome welcome)) {
                throw new EndedException("refused-" + ResultCode.name(answer.result()));
            }
            return new HostileClient(control, welcome, answer.descriptors.getFirst());
        } catch (EndedException | RuntimeException e) {
            control.close();
            throw e;
        }
    }

    static ControlBody.Hello hello() {
        return new ControlBody.Hello(Abi.MAJOR, Abi.MINOR, CREDIT_BYTES, 0, ControlBody.Token.NONE, "hostile");
    }

    /** Memory as the contract wants it. */
    static MemFd newMemory(long bytes) {
        MemFd memory = MemFd.create("hostile", HugePages.NONE);
        memory.allocate(bytes);
        memory.seal(EnumSet.of(Seal.SHRINK));
        return memory;
    }

    Control control() {
        return control;
    }

    /** Whether the engine's last words have come. */
    void checkAlive() throws EndedException {
        control.drain();
    }

    MemorySegment queuePairMemory() {
        return queuePairMapping.segment();
    }

    /** Where the ring counters are, as a client may write them. */
    long counter(int offset) {
        return (long) LONG.getAcquire(queuePairMapping.segment(), (long) offset);
    }

    void counter(int offset, long value) {
        LONG.setRelease(queuePairMapping.segment(), (long) offset, value);
    }

    @Override
    public void close() {
        control.close();
        queuePairMapping.close();
        region.close();
        memory.close();
        wakeup.close();
        doorbell.close();
        queuePair.close();
    }
}
