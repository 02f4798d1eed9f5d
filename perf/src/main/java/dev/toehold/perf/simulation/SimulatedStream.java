package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionFlag;
import dev.toehold.client.SimulatedClient;
import dev.toehold.perf.simulation.StreamPlan.End;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/**
 * One side of one connection as its application sees it: writes, reads, posts and ends as its plan and chance want, and compares every
 * byte. Memory that is the application's again is spoilt at once, so whoever still reads it is found.
 */
final class SimulatedStream implements SimulatedClient.StreamEvents {
    /** Bytes before and after a RECEIVE that nobody may touch. */
    static final int MARGIN = 8;

    private static final long ROOM_NS = 200_000;
    private static final byte SPOILT = (byte) 0xEE;
    private static final long LINGER_NS = 600_000_000_000L;
    private static final long KEEP_ALIVE_NS = 1_000_000_000L;

    private record Posted(int slot, int length) {}

    private final ConnectionPlan connection;
    private final StreamPlan plan;
    private final MemorySegment expected;
    private final int expectedLength;
    private final int side;
    private final MemorySegment memory;
    private final long sendBase;
    private final long receiveBase;
    private final SplittableRandom random;
    private final Application application;
    private final ArrayDeque<Posted> posted = new ArrayDeque<>();
    private SimulatedClient.Stream stream;
    private int nextSlot;
    private int submitted;
    private int acknowledged;
    private long consumed;
    private boolean isCorked;
    private boolean isConfigured;
    private boolean isShut;
    private boolean isShutAnswered;
    private boolean isClosing;
    private boolean isOver;
    long actNs = Long.MAX_VALUE;

    SimulatedStream(
            Application application,
            ConnectionPlan connection,
            int side,
            MemorySegment memory,
            long base,
            SplittableRandom random) {
        this.application = application;
        this.connection = connection;
        this.side = side;
        this.random = random;
        this.memory = memory;
        plan = connection.streams().get(side);
        byte[] peerContent = connection.streams().get(1 - side).content();
        expected = MemorySegment.ofArray(peerContent);
        expectedLength = peerContent.length;
        sendBase = base;
        receiveBase = base + plan.content().length;
        MemorySegment.copy(plan.content(), 0, memory, ValueLayout.JAVA_BYTE, sendBase, plan.content().length);
    }

    boolean isAttached() {
        return stream != null;
    }

    boolean isOver() {
        return isOver;
    }

    void attach(SimulatedClient.Stream opened) {
        check(stream == null, "a second connection for plan", connection.index());
        stream = opened;
        stream.events(this);
        think();
    }

    private void think() {
        actNs = Math.min(actNs, application.nowNs() + random.nextLong(plan.thinkNs()) + 1);
    }

    /** The submission ring is full: a completion of the stream's own is a reason to try again, else time must be. */
    private void thinkOfRoom(boolean isSomethingOutstanding) {
        if (!isSomethingOutstanding) {
            actNs = Math.min(actNs, application.nowNs() + ROOM_NS + random.nextLong(ROOM_NS));
        }
    }

    /** The application may send again. */
    void onRoom() {
        if (stream != null && !isClosing && submitted < plan.content().length) {
            think();
        }
    }

    /** One turn: a little of everything that can be done. */
    void act() {
        actNs = Long.MAX_VALUE;
        if (isClosing) {
            return;
        }
        if (stream.terminatedCode() != 0) {
            check(!connection.isOrderly(), "an orderly connection died of", stream.terminatedCode());
            close(false);
            return;
        }
        if (!isConfigured && !configure()) {
            think();
            return;
        }
        read();
        write();
        end();
    }

    private boolean configure() {
        if (stream.setOption(Option.LINGER_NS, LINGER_NS) != ResultCode.OK) {
            return false;
        }
        if (!connection.isOrderly() && stream.setOption(Option.KEEP_ALIVE_NS, KEEP_ALIVE_NS) != ResultCode.OK) {
            return false;
        }
        if (random.nextBoolean() && stream.setOption(Option.NO_DELAY, random.nextInt(2)) != ResultCode.OK) {
            return false;
        }
        isConfigured = true;
        return true;
    }

    private void read() {
        if (posted.isEmpty() && random.nextInt(16) < plan.provided()) {
            readProvided();
        } else if (!stream.isEndOfStream() || stream.available() > 0) {
            post();
        }
        if (!posted.isEmpty() && random.nextDouble() < plan.flush() && stream.flush() != ResultCode.OK) {
            think();
        }
    }

    private void readProvided() {
        int budget = 1 + random.nextInt(plan.readMax());
        while (budget > 0 && stream.available() > 0) {
            int length = Math.min(budget, stream.pieceLength());
            compare(stream.pieceMemory(), stream.pieceOffset(), length);
            stream.consume(length);
            budget -= length;
        }
        if (stream.available() > 0) {
            think();
        }
    }

    private void post() {
        while (posted.size() < plan.receives()) {
            int length = 1 + random.nextInt(plan.receiveMax());
            int minLength = random.nextInt(16) < plan.exact() ? 0 : 1 + random.nextInt(length);
            int slot = nextSlot;
            long at = slotBase(slot);
            memory.asSlice(at - MARGIN, length + 2L * MARGIN).fill(SPOILT);
            Posted receive = new Posted(slot, length);
            posted.add(receive);
            int code = stream.receive(SimulatedHost.APPLICATION_REGION, at, length, minLength, slot);
            if (code != ResultCode.OK) {
                check(code == ResultCode.BACK_PRESSURED, "RECEIVE refused", code);
                posted.removeLast();
                thinkOfRoom(!posted.isEmpty());
                return;
            }
            nextSlot = (nextSlot + 1) % StreamPlan.MAX_RECEIVES;
        }
    }

    private long slotBase(int slot) {
        return receiveBase + (long) slot * plan.receiveStride() + MARGIN;
    }

    private void write() {
        int length = plan.content().length;
        if (submitted < length) {
            if (!application.maySend()) {
                uncork();
                return;
            }
            int count = Math.min(length - submitted, 1 + random.nextInt(plan.writeMax()));
            int flags = random.nextDouble() < plan.more() ? SubmissionFlag.MORE : 0;
            long position =
                    stream.send(SimulatedHost.APPLICATION_REGION, sendBase + submitted, count, flags, submitted);
            if (position >= 0) {
                check(position == submitted, "SEND at position", position);
                submitted += count;
                isCorked = flags != 0;
                application.onSubmitted();
            } else {
                check(position == ResultCode.BACK_PRESSURED, "SEND refused", position);
                thinkOfRoom(submitted > acknowledged && !isCorked);
                return;
            }
            think();
        } else if (plan.end() == End.SHUTDOWN && !isShut) {
            int code = stream.shutdownOutput();
            isShut = code == ResultCode.OK;
            if (!isShut) {
                check(code == ResultCode.BACK_PRESSURED, "SHUTDOWN refused", code);
                think();
            }
        }
    }

    /** Nothing will follow soon: what MORE holds back must go, or the stream waits for itself. */
    private void uncork() {
        if (isCorked) {
            isCorked = stream.flush() != ResultCode.OK;
            thinkOfRoom(!isCorked);
        }
    }

    private void end() {
        boolean isDone = submitted == plan.content().length;
        boolean hasEnded = stream.isEndOfStream() && stream.available() == 0 && posted.isEmpty();
        switch (plan.end()) {
            case SHUTDOWN -> {
                if (hasEnded && isShut && (isShutAnswered || random.nextInt(8) == 0)) {
                    close(false);
                }
            }
            case CLOSE_AFTER_PEER -> {
                if (hasEnded && isDone) {
                    close(false);
                }
            }
            case CLOSE_EARLY -> {
                if (isDone) {
                    close(false);
                }
            }
            case ABORT -> {
                if (submitted + consumed >= plan.abortAt()) {
                    close(true);
                }
            }
        }
    }

    private void close(boolean abort) {
        if (connection.isOrderly()) {
            check(consumed == expectedLength, "the stream ended early, of " + expectedLength, consumed);
        }
        isClosing = true;
        stream.close(abort);
    }

    private void compare(MemorySegment from, long offset, int length) {
        check(consumed + length <= expectedLength, "more than was sent, by", consumed + length - expectedLength);
        long mismatch = MemorySegment.mismatch(from, offset, offset + length, expected, consumed, consumed + length);
        check(mismatch < 0, name() + ": wrong byte at position", consumed + mismatch);
        consumed += length;
        application.progress();
    }

    @Override
    public void onReadable() {
        if (!isClosing) {
            think();
        }
    }

    @Override
    public void onCompleted(int op, long token, int result, int filled) {
        switch (op) {
            case Op.RECEIVE -> onReceived((int) token, result, filled);
            case Op.SEND -> onSent((int) token, result);
            case Op.SHUTDOWN -> {
                check(result == ResultCode.OK || !connection.isOrderly(), "SHUTDOWN ended with", result);
                isShutAnswered = true;
            }
            default -> {
                // Once both sides have ended the engine may forget the handle before the application closes it.
                boolean isLate = result == ResultCode.STALE || result == ResultCode.CLOSED;
                check(result == ResultCode.OK || isLate || !connection.isOrderly(), "an operation ended with", result);
            }
        }
        if (!isClosing) {
            think();
        }
    }

    private void onReceived(int slot, int result, int filled) {
        check(!posted.isEmpty(), name() + ": a RECEIVE completes twice", slot);
        Posted first = posted.remove();
        check(first.slot == slot, "RECEIVEs complete out of order", slot);
        check(filled >= 0 && filled <= first.length, "RECEIVE filled", filled);
        long at = slotBase(slot);
        compare(memory, at, filled);
        for (int i = 1; i <= MARGIN; i++) {
            check(memory.get(ValueLayout.JAVA_BYTE, at - i) == SPOILT, name() + ": written before a RECEIVE", i);
            check(
                    memory.get(ValueLayout.JAVA_BYTE, at + first.length + i - 1) == SPOILT,
                    name() + ": written behind a RECEIVE",
                    i);
        }
        if (result < 0) {
            boolean isExpected = isClosing ? true : !connection.isOrderly();
            check(isExpected, "RECEIVE ended with", result);
        }
    }

    private void onSent(int position, int result) {
        application.onSent();
        if (result < 0) {
            check(!connection.isOrderly(), "SEND ended with", result);
            return;
        }
        check(position == acknowledged, name() + ": SENDs complete out of order", position);
        acknowledged += result;
        check(acknowledged <= submitted, "SENDs completed beyond what was submitted", acknowledged);
        memory.asSlice(sendBase + position, result).fill(SPOILT);
        application.progress();
    }

    @Override
    public void onTerminated(int code) {
        if (!isClosing) {
            think();
        }
    }

    @Override
    public void onClosed() {
        check(!isOver, name() + ": closed twice", connection.index());
        isOver = true;
        actNs = Long.MAX_VALUE;
        check(posted.isEmpty(), name() + ": RECEIVEs that never completed", posted.size());
        if (connection.isOrderly()) {
            check(acknowledged == plan.content().length, name() + ": acknowledged of the stream only", acknowledged);
        }
        application.progress();
    }

    private String name() {
        return (side == 0 ? "A" : "B") + connection.index();
    }

    /** For a failure's report. */
    String describe() {
        return "%s attached=%b submitted=%d acknowledged=%d consumed=%d/%d posted=%d available=%d end=%b shut=%b closing=%b over=%b died=%d %s"
                .formatted(
                        name(),
                        isAttached(),
                        submitted,
                        acknowledged,
                        consumed,
                        expectedLength,
                        posted.size(),
                        stream == null ? 0 : stream.available(),
                        stream != null && stream.isEndOfStream(),
                        isShut,
                        isClosing,
                        isOver,
                        stream == null ? 0 : stream.terminatedCode(),
                        stream == null ? "" : stream.describe());
    }
}
