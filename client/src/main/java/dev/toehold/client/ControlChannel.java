package dev.toehold.client;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlException;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.ControlMessage;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Requests on the control socket and their answers. Any thread may ask; answers are read by whoever calls {@link #poll}: the
 * session's thread, or the asker where there is none.
 */
final class ControlChannel implements AutoCloseable {
    private static final long SEND_PATIENCE_NS = Duration.ofSeconds(10).toNanos();
    private static final long SLICE_NS = Duration.ofMillis(20).toNanos();

    private final SeqPacketSocket socket;
    private final MemorySegment sendBuffer = Arena.ofAuto().allocate(ControlMessage.MAX_LENGTH);
    private final ControlEncoder encoder = new ControlEncoder(sendBuffer);
    private final ControlDecoder decoder = new ControlDecoder();
    private final SeqPacketMessage message = new SeqPacketMessage();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();
    private final Map<Long, Pending> pending = new HashMap<>();
    private long lastCorrelation;
    private boolean hungUp;
    private String farewell = "";
    private int farewellCode = ResultCode.ENGINE_GONE;

    ControlChannel(SeqPacketSocket socket) {
        this.socket = socket;
    }

    /** An answer; its descriptors belong to the receiver. */
    record Answer(ControlBody body, List<Fd> descriptors) {
        void close() {
            descriptors.forEach(Fd::close);
        }
    }

    private static final class Pending {
        private final StringBuilder text = new StringBuilder();
        private Answer answer;
    }

    Fd fd() {
        return socket.fd();
    }

    /** Why the engine ended the session: its own words, or empty. */
    String farewell() {
        lock.lock();
        try {
            return farewell;
        } finally {
            lock.unlock();
        }
    }

    int farewellCode() {
        lock.lock();
        try {
            return farewellCode;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks and waits for the answer.
     *
     * @param expected class of the answer; a REPLY with a negative result instead is thrown
     * @param pollsHere whether this thread has to read the answers itself
     */
    <T extends ControlBody> Answer request(
            ControlBody body, Class<T> expected, Duration patience, boolean pollsHere, Fd... descriptors)
            throws IOException {
        long deadlineNs = System.nanoTime() + patience.toNanos();
        Pending mine = new Pending();
        lock.lock();
        try {
            long correlation = send(body, mine, descriptors);
            try {
                while (mine.answer == null) {
                    awaitAnswer(mine, body, deadlineNs, pollsHere);
                }
            } finally {
                pending.remove(correlation);
            }
        } finally {
            lock.unlock();
        }
        return check(mine.answer, body, expected);
    }

    private void awaitAnswer(Pending mine, ControlBody body, long deadlineNs, boolean pollsHere) throws IOException {
        if (hungUp) {
            throw gone(body);
        }
        long remainingNs = deadlineNs - System.nanoTime();
        if (remainingNs <= 0) {
            throw new SocketTimeoutException("the engine did not answer " + name(body)
                    + " in time; is it stopped or overloaded? Is memory that it refers to still in use?");
        }
        if (pollsHere) {
            if (poll() == 0) {
                socket.awaitReadable(Math.min(remainingNs, SLICE_NS));
            }
            return;
        }
        try {
            while (mine.answer == null && !hungUp && remainingNs > 0) {
                remainingNs = answered.awaitNanos(remainingNs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the engine works on " + name(body));
        }
    }

    private IOException gone(ControlBody body) {
        return ToeholdException.of(farewellCode, farewell.isEmpty() ? "request " + name(body) : farewell);
    }

    private long send(ControlBody body, Pending mine, Fd... descriptors) throws IOException {
        long correlation = ++lastCorrelation;
        int length = encoder.encode(correlation, body);
        pending.put(correlation, mine);
        int result = socket.send(sendBuffer.asSlice(0, length), descriptors);
        if (result == SeqPacketSocket.WOULD_BLOCK && socket.awaitWritable(SEND_PATIENCE_NS)) {
            result = socket.send(sendBuffer.asSlice(0, length), descriptors);
        }
        if (result < 0) {
            pending.remove(correlation);
            if (result == SeqPacketSocket.HANG_UP) {
                poll(); // what it said before, a refusal perhaps
                throw gone(body);
            }
            throw ToeholdException.of(ResultCode.TIMED_OUT, "request " + name(body));
        }
        return correlation;
    }

    private static <T extends ControlBody> Answer check(Answer answer, ControlBody request, Class<T> expected)
            throws IOException {
        if (answer.body() instanceof ControlBody.Reply reply && reply.result() < 0) {
            answer.close();
            String text = reply.text().isEmpty() ? "the engine refused " + name(request) : reply.text();
            throw ToeholdException.of(reply.result(), text);
        }
        if (!expected.isInstance(answer.body())) {
            answer.close();
            throw new ToeholdException(
                    ResultCode.INCOMPATIBLE,
                    "the engine answered " + name(request) + " by " + name(answer.body()) + "; use matching releases");
        }
        return answer;
    }

    /** Reads what has come. Returns how many messages, or -1 once the engine has hung up. */
    int poll() {
        lock.lock();
        try {
            int count = 0;
            while (!hungUp) {
                int result = socket.receive(message);
                if (result == SeqPacketSocket.WOULD_BLOCK) {
                    return count;
                }
                if (result == SeqPacketSocket.HANG_UP) {
                    hangUp();
                } else if (result > 0) {
                    count++;
                    take();
                }
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    private void hangUp() {
        hungUp = true;
        answered.signalAll();
    }

    private void take() {
        ControlFrame frame;
        try {
            frame = decoder.decode(message.payload(), message.length());
        } catch (ControlException e) {
            farewell = "the engine sent a bad message: " + e.getMessage();
            farewellCode = ResultCode.INCOMPATIBLE;
            message.close();
            hangUp();
            return;
        }
        if (frame.correlation() == 0) {
            if (frame.body() instanceof ControlBody.Reply reply) {
                farewell = reply.text();
                farewellCode = reply.result() < 0 ? reply.result() : ResultCode.ENGINE_GONE;
            }
            message.close();
            return;
        }
        Pending asked = pending.get(frame.correlation());
        if (asked == null || message.descriptorCount() != frame.body().descriptorCount()) {
            message.close(); // too late, or not as the contract says: its asker runs into its time-out
            return;
        }
        if (frame.body() instanceof ControlBody.AdminReply part) {
            asked.text.append(part.text());
            if (!frame.more()) {
                asked.answer = new Answer(new ControlBody.AdminReply(asked.text.toString()), List.of());
            }
        } else {
            List<Fd> descriptors = new ArrayList<>();
            for (int i = 0; i < message.descriptorCount(); i++) {
                descriptors.add(message.takeDescriptor(i));
            }
            asked.answer = new Answer(frame.body(), descriptors);
        }
        answered.signalAll();
    }

    private static String name(ControlBody body) {
        return body.getClass().getSimpleName();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            hangUp();
            socket.close();
            message.close();
        } finally {
            lock.unlock();
        }
    }
}
