package dev.toehold.cli;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.ControlMessage;
import dev.toehold.ffi.linux.SeqPacketListener;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** A control socket whose answers a test chooses: each ADMIN request becomes a list of bodies, all but the last with MORE. */
final class FakeEngine implements AutoCloseable {
    private static final long TICK_NS = 20_000_000;

    private final SeqPacketListener listener;
    private final Function<String, List<ControlBody>> answers;
    private final Thread thread;
    private volatile boolean stopped;

    FakeEngine(Path path, Function<String, List<ControlBody>> answers) {
        this.listener = SeqPacketListener.bind(path.toString(), 0600, SeqPacketListener.KEEP_GROUP, 8);
        this.answers = answers;
        thread = Thread.ofPlatform().name("fake-engine").start(this::run);
    }

    private void run() {
        while (!stopped) {
            SeqPacketSocket socket = listener.accept();
            if (socket == null) {
                LockSupport.parkNanos(TICK_NS);
                continue;
            }
            try (socket;
                    SeqPacketMessage message = new SeqPacketMessage()) {
                serve(socket, message);
            }
        }
    }

    private void serve(SeqPacketSocket socket, SeqPacketMessage message) {
        while (!stopped) {
            int length = socket.receive(message);
            if (length == SeqPacketSocket.HANG_UP) {
                return;
            }
            if (length == SeqPacketSocket.WOULD_BLOCK) {
                socket.awaitReadable(TICK_NS);
                continue;
            }
            answer(socket, message, length);
        }
    }

    private void answer(SeqPacketSocket socket, SeqPacketMessage message, int length) {
        try {
            ControlFrame frame = new ControlDecoder().decode(message.payload(), length);
            List<ControlBody> bodies = answers.apply(((ControlBody.Admin) frame.body()).request());
            MemorySegment memory = MemorySegment.ofArray(new byte[ControlMessage.MAX_LENGTH]);
            for (int i = 0; i < bodies.size(); i++) {
                int answerLength =
                        new ControlEncoder(memory).encode(frame.correlation(), bodies.get(i), i < bodies.size() - 1);
                socket.send(memory.asSlice(0, answerLength));
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listener.close();
    }
}
