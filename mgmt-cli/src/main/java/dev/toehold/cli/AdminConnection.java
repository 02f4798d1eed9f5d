package dev.toehold.cli;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlException;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.ControlMessage;
import dev.toehold.abi.ResultCode;
import dev.toehold.client.EngineSockets;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Asks one engine for management: ADMIN messages on its control socket, without a session. */
public final class AdminConnection implements AutoCloseable {
    private static final long TIMEOUT_NS = 10_000_000_000L;

    /** Longest answer that is put together: a million connections take about half of it. */
    private static final int MAX_ANSWER_LENGTH = 512 << 20;

    private final Path path;
    private final SeqPacketSocket socket;
    private final byte[] buffer = new byte[ControlMessage.MAX_LENGTH];
    private long correlation;

    private AdminConnection(Path path, SeqPacketSocket socket) {
        this.path = path;
        this.socket = socket;
    }

    static AdminConnection open(Path path) {
        try {
            return new AdminConnection(path, SeqPacketSocket.connect(path.toString(), TIMEOUT_NS));
        } catch (LinuxException e) {
            throw new CommandFailedException(EngineSockets.whyUnreachable(path, e), e);
        }
    }

    /** Opens, asks and closes. */
    public static String askOnce(Path path, String request) {
        try (AdminConnection engine = open(path)) {
            return engine.ask(request);
        }
    }

    /**
     * The engine's answer to a request such as {@code connections}: JSON.
     *
     * @throws CommandFailedException with the engine's reason
     */
    String ask(String request) {
        MemorySegment memory = MemorySegment.ofArray(buffer);
        int length = new ControlEncoder(memory).encode(++correlation, new ControlBody.Admin(request));
        send(memory.asSlice(0, length));
        StringBuilder answer = new StringBuilder();
        try (SeqPacketMessage message = new SeqPacketMessage()) {
            while (true) {
                ControlFrame frame = receive(message);
                switch (frame.body()) {
                    case ControlBody.AdminReply part -> {
                        answer.append(part.text());
                        if (answer.length() > MAX_ANSWER_LENGTH) {
                            throw new CommandFailedException("the engine's answer is longer than " + MAX_ANSWER_LENGTH);
                        }
                        if (!frame.more()) {
                            return answer.toString();
                        }
                    }
                    case ControlBody.Reply reply ->
                        throw new CommandFailedException(
                                reply.text().isEmpty()
                                        ? "the engine says " + ResultCode.name(reply.result())
                                        : reply.text());
                    default ->
                        throw new CommandFailedException("the engine answers with message type "
                                + frame.body().type() + ": is it of another version?");
                }
            }
        }
    }

    private void send(MemorySegment message) {
        while (true) {
            int result = socket.send(message);
            if (result == SeqPacketSocket.HANG_UP) {
                throw hungUp();
            }
            if (result != SeqPacketSocket.WOULD_BLOCK) {
                return;
            }
            if (!socket.awaitWritable(TIMEOUT_NS)) {
                throw silent();
            }
        }
    }

    private ControlFrame receive(SeqPacketMessage message) {
        while (true) {
            int result = socket.receive(message);
            if (result > 0) {
                try {
                    return new ControlDecoder().decode(message.payload(), result);
                } catch (ControlException e) {
                    throw new CommandFailedException("the engine's answer cannot be read: " + e.getMessage(), e);
                }
            }
            if (result == SeqPacketSocket.HANG_UP) {
                throw hungUp();
            }
            if (result == SeqPacketSocket.WOULD_BLOCK && !socket.awaitReadable(TIMEOUT_NS)) {
                throw silent();
            }
        }
    }

    private CommandFailedException hungUp() {
        return new CommandFailedException("the engine on " + path + " hung up: see its log");
    }

    private CommandFailedException silent() {
        return new CommandFailedException("the engine on " + path + " did not answer within "
                + TIMEOUT_NS / 1_000_000_000 + " s: is it stopped?");
    }

    @Override
    public void close() {
        socket.close();
    }
}
