package dev.toehold.perf.micro;

import static dev.toehold.abi.QueuePairDescriptor.CQ_HEAD_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.CQ_TAIL_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.RINGS_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.SQ_TAIL_OFFSET;

import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.SubmissionDescriptor;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.session.EngineQueuePair;
import dev.toehold.session.LcoreSessions;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import dev.toehold.session.SessionLimits;
import dev.toehold.session.TcpCommands;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A NOP there and its completion back through a queue pair, both ends on one thread: the instructions of the rings, without
 * the caches of two cores. The engine's end is the engine's own; the client's is the contract's plainest one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueuePairBenchmark {
    private static final int SQ_ENTRIES = QueuePairDescriptor.DEFAULT_SQ_ENTRIES;
    private static final int CQ_ENTRIES = QueuePairDescriptor.DEFAULT_CQ_ENTRIES;
    private static final int BUF_ENTRIES = QueuePairDescriptor.DEFAULT_BUF_ENTRIES;
    private static final int BATCH = 16;
    private static final int CONNECTIONS = 16;
    private static final long PASS_NS = 1000;

    private final MemorySegment memory =
            Arena.global().allocate(QueuePairDescriptor.length(SQ_ENTRIES, CQ_ENTRIES, BUF_ENTRIES), 128);
    private final WakeSocket[] wakeup = WakeSocket.pair();
    private final LcoreSessions sessions;
    private long sqTail;
    private long cqHead;
    private long nowNs;

    /** Attaches a session. */
    public QueuePairBenchmark() {
        QueuePairDescriptor.initialise(memory, SQ_ENTRIES, CQ_ENTRIES, BUF_ENTRIES, 0, 1);
        sessions = new LcoreSessions(
                refusing(TcpCommands.class),
                refusing(SessionEvents.class),
                (high, low) -> 0,
                0,
                CONNECTIONS,
                CONNECTIONS,
                1);
        Session session = new Session(
                1, "benchmark", new PeerCredentials(1, 0, 0), wakeup[0], 0, SessionLimits.of(CONNECTIONS, 1));
        sessions.attach(sessions.newLcoreSession(
                session, new EngineQueuePair(memory, SQ_ENTRIES, CQ_ENTRIES, BUF_ENTRIES), List.of()));
    }

    /** NOP reaches neither TCP nor the control thread. */
    private static <T> T refusing(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            throw new IllegalStateException(method.getName() + " is no part of this benchmark");
        }));
    }

    @TearDown
    public void close() {
        wakeup[0].close();
        wakeup[1].close();
    }

    /** One at a time. */
    @Benchmark
    public long roundTrip() {
        return exchange(1);
    }

    /** Several at a time, each of them counted. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long roundTripBatched() {
        return exchange(BATCH);
    }

    private long exchange(int count) {
        for (int i = 0; i < count; i++) {
            long at = RINGS_OFFSET + (sqTail & SQ_ENTRIES - 1) * SubmissionDescriptor.LENGTH;
            memory.asSlice(at, SubmissionDescriptor.LENGTH).fill((byte) 0);
            memory.set(ValueLayout.JAVA_BYTE, at + SubmissionDescriptor.OP_OFFSET, (byte) Op.NOP);
            LONG.set(memory, at + SubmissionDescriptor.USER_DATA_OFFSET, sqTail);
            sqTail++;
        }
        LONG.setRelease(memory, (long) SQ_TAIL_OFFSET, sqTail);
        nowNs += PASS_NS;
        sessions.pollSubmissions(nowNs);
        sessions.publish(nowNs);
        sessions.wakeClients();
        long tail = (long) LONG.getAcquire(memory, (long) CQ_TAIL_OFFSET);
        if (tail - cqHead != count) {
            throw new IllegalStateException("submitted " + count + ", completed " + (tail - cqHead));
        }
        long sum = 0;
        for (; cqHead < tail; cqHead++) {
            long at =
                    QueuePairDescriptor.cqOffset(SQ_ENTRIES) + (cqHead & CQ_ENTRIES - 1) * CompletionDescriptor.LENGTH;
            sum += (long) LONG.get(memory, at + CompletionDescriptor.USER_DATA_OFFSET);
        }
        LONG.setRelease(memory, (long) CQ_HEAD_OFFSET, cqHead);
        return sum;
    }
}
