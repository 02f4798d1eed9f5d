package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The windows of one session: what they follow, where they end, what happens when the pool is dry. */
class ReceiveCreditTest {
    private static final int MSS = 1460;
    private static final int BUFFER_BYTES = 2048;
    private static final byte[] PAYLOAD = new byte[MSS];
    private static final long RTT_NS = 10_000_000L;

    private final Rig rig = new Rig(1024);
    private final List<FakeClient.Completion> completions = new ArrayList<>();
    private final ArrayDeque<FakeClient.Completion> unread = new ArrayDeque<>();
    private Rig.Attached attached;
    private FakeClient client;

    @AfterEach
    void tearDown() {
        rig.close();
    }

    private void attach(int buffers, int credit) {
        attached = rig.attach(1024, 4096, 1024, rig.arena.allocate((long) buffers * BUFFER_BYTES, 64), credit);
        client = attached.client();
        attached.group(0, 0, BUFFER_BYTES, buffers);
        lend(0, buffers);
        client.listen(7, 80, 1024, 1024);
        pass();
    }

    private void lend(int from, int count) {
        for (int id = from; id < from + count; id++) {
            if (!client.hasBufferRoom()) {
                pass();
            }
            client.lend(0, id);
        }
        for (int i = 0; i < 8; i++) {
            pass();
        }
    }

    private int accept() {
        long handle = rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 7);
        assertTrue(handle != 0);
        int index = Handle.index(handle);
        rig.tcp.tcb(index).srttUs((int) (RTT_NS / 1000));
        pass();
        return index;
    }

    private void pass() {
        rig.pass();
        FakeClient.Completion completion;
        while ((completion = client.poll()) != null) {
            completions.add(completion);
            if (completion.op() == Op.PROVIDED) {
                unread.add(completion);
            }
        }
    }

    /** What the peer may send and has not. */
    private long open(int index) {
        return rig.tcp.edge[index] - rig.tcp.rcvNxt(index);
    }

    /** The peer fills its window. Returns how many bytes that were. */
    private long fill(int index) {
        long sent = 0;
        while (open(index) > 0) {
            int length = (int) Math.min(MSS, open(index));
            assertEquals(
                    length, rig.tcp.segment(index, rig.tcp.rcvNxt(index), PAYLOAD, length, false), "found no room");
            sent += length;
        }
        pass();
        return sent;
    }

    /** The application takes all that was delivered, and lends the buffers again. */
    private void consumeAll() {
        long[] counts = new long[rig.tcp.capacity];
        while (!unread.isEmpty()) {
            FakeClient.Completion completion = unread.poll();
            counts[Handle.index(completion.handle())] += completion.length();
            if (!completion.has(CompletionFlag.MORE)) {
                client.lend(0, completion.buffer());
            }
        }
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                client.submit(Op.CONSUMED, rig.tcp.handle(i), 1, counts[i]);
            }
        }
        pass();
        pass();
    }

    private LcoreSession session() {
        return attached.session();
    }

    @Test
    void shouldTellTheLengthOfTheBufferAndOfAPostedReceiveThatItMustGetThrough() {
        attach(64, 16_384);
        int index = accept();
        long handle = rig.tcp.handle(index);
        long edge = rig.tcp.tcb(index).rcvEdge();
        for (long at = 0; at < edge; at += MSS) {
            rig.tcp.segment(index, at, PAYLOAD, (int) Math.min(MSS, edge - at), true);
        }
        pass();
        client.submit(Op.CONSUMED, handle, 0, 100);
        pass();
        assertEquals(edge + 100, rig.tcp.tcb(index).rcvEdge());
        assertEquals(edge, rig.tcp.lastBufferLength, "a window of which 100 bytes are free");
        long boundEnd = rig.tcp.rcvNxt(index);
        client.receive(handle, 1, -1, 0, 0, 110, 1);
        pass();
        assertEquals(boundEnd + 110, rig.tcp.tcb(index).rcvEdge());
        assertEquals(0, rig.tcp.lastBufferLength);
    }

    @Test
    void shouldDoubleWindowEachRoundTripWhileTheApplicationKeepsUp() {
        attach(1024, 1 << 20);
        int index = accept();
        assertEquals(ReceiveCredit.FIRST_FLIGHT_BYTES, open(index), "room for the peer's initial window");
        long window = open(index);
        for (int round = 0; round < 3; round++) {
            rig.nowNs += RTT_NS;
            fill(index);
            consumeAll();
            assertEquals(2 * window, open(index), "round " + round);
            window = open(index);
        }
    }

    @Test
    void shouldNotGrowBeyondTheCreditNorFasterThanTheApplication() {
        attach(1024, 64 << 10);
        int fast = accept();
        int slow = accept();
        for (int round = 0; round < 5; round++) {
            rig.nowNs += RTT_NS;
            fill(fast);
            consumeAll();
            long some = Math.min(MSS, open(slow));
            assertEquals(some, rig.tcp.segment(slow, rig.tcp.rcvNxt(slow), PAYLOAD, (int) some, false));
            pass();
            consumeAll();
        }
        assertEquals(64 << 10, open(fast));
        assertTrue(open(slow) <= ReceiveCredit.FIRST_FLIGHT_BYTES, () -> "open=" + open(slow));
    }

    @Test
    void shouldPromiseNoMoreThanThePoolHoldsAndShareItFairly() {
        int buffers = 512;
        attach(buffers, 1 << 20);
        int[] all = new int[64];
        for (int i = 0; i < all.length; i++) {
            all[i] = accept();
        }
        for (int round = 0; round < 50; round++) {
            long promised = Arrays.stream(all).mapToLong(this::open).sum();
            assertTrue(promised <= session().groups.freeBytes(), "promised=" + promised);
            rig.nowNs += RTT_NS;
            for (int index : all) {
                fill(index);
            }
            consumeAll();
        }
        assertEquals(0, rig.sessions.placementCounters().noBuffer);
        long least = Arrays.stream(all).mapToLong(rig.tcp::rcvNxt).min().orElseThrow();
        long most = Arrays.stream(all).mapToLong(rig.tcp::rcvNxt).max().orElseThrow();
        assertTrue(most < 2 * least, "least=" + least + " most=" + most);
        assertTrue(least > 50L * Abi.LEAST_WINDOW / 2, "least=" + least);
    }

    /** Any mix of small and large messages, quick and slow applications: hardly ever does a segment find no buffer. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldDropHardlyAnythingWhateverComes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        attach(512, 1 << 20);
        int[] all = new int[8 + random.nextInt(56)];
        boolean[] isSmall = new boolean[all.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = accept();
            isSmall[i] = random.nextInt(4) == 0;
        }
        long segments = 0;
        int reluctance = 1 + random.nextInt(20);
        for (int step = 0; step < 3_000; step++) {
            for (int burst = random.nextInt(32); burst > 0; burst--) {
                int i = random.nextInt(all.length);
                int most = (int) Math.min(isSmall[i] ? 100 : MSS, open(all[i]));
                if (most > 0) {
                    int length = 1 + random.nextInt(most);
                    boolean push = isSmall[i] || random.nextInt(8) == 0;
                    long position = rig.tcp.rcvNxt(all[i]);
                    segments++;
                    int _ = rig.tcp.segment(all[i], position, PAYLOAD, length, push);
                }
            }
            pass();
            if (random.nextInt(reluctance) == 0) {
                consumeAll();
            }
        }
        long dropped = rig.sessions.placementCounters().noBuffer;
        assertTrue(dropped * 1000 <= segments, "seed=" + seed + " dropped=" + dropped + " of " + segments);
        for (int index : all) {
            assertTrue(rig.tcp.rcvNxt(index) > 0, "starved, seed=" + seed);
        }
    }

    @Test
    void shouldLetOneConnectionHaveMoreThanItsShareWhileOthersAreIdle() {
        attach(1024, 1 << 20);
        for (int i = 0; i < 15; i++) {
            accept();
        }
        int busy = accept();
        for (int round = 0; round < 10; round++) {
            rig.nowNs += RTT_NS;
            fill(busy);
            consumeAll();
        }
        long share = 1024L * BUFFER_BYTES / 16;
        assertTrue(open(busy) > 3 * share, () -> "open=" + open(busy));
    }

    @Test
    void shouldStandStillWhenThePoolIsDryAndTellThePeerOnceWhenBuffersAreBack() {
        attach(16, 1 << 20);
        int index = accept();
        // Nobody reads: the peer sends until there is no more window.
        while (open(index) > 0) {
            fill(index);
        }
        long edge = rig.tcp.edge[index];
        assertEquals(edge, rig.tcp.rcvNxt(index));
        assertEquals(0, rig.sessions.placementCounters().noBuffer, "the window closed before the pool was dry");
        int grants = rig.tcp.grants;
        for (int i = 0; i < 100; i++) {
            rig.nowNs += ReceiveCredit.IDLE_NS;
            pass();
        }
        assertEquals(grants, rig.tcp.grants);
        assertEquals(edge, rig.tcp.edge[index]);
        consumeAll();
        assertTrue(open(index) >= Abi.LEAST_WINDOW, () -> "open=" + open(index));
        fill(index);
    }

    @Test
    void shouldOpenWindowOfThoseWhoFoundNothingWhenBuffersAreLent() {
        attached = rig.attach(64, 64, 64, rig.arena.allocate(16 * BUFFER_BYTES, 64), 1 << 20);
        client = attached.client();
        attached.group(0, 0, BUFFER_BYTES, 16);
        client.listen(7, 80, 16, 16);
        pass();
        int index = accept();
        assertEquals(0, rig.tcp.edge[index], "no buffer, no window");
        assertEquals(0, rig.tcp.segment(index, 0, PAYLOAD, 1, false), "a window probe");
        pass();
        int grants = rig.tcp.grants;
        for (int id = 0; id < 16; id++) {
            client.lend(0, id);
        }
        pass();
        assertTrue(open(index) >= Abi.LEAST_WINDOW, () -> "open=" + open(index));
        assertEquals(grants + 1, rig.tcp.grants, "one window update");
    }

    @Test
    void shouldGiveIdleConnectionsPromisesToNewcomers() {
        attach(64, 1 << 20);
        List<Integer> all = new ArrayList<>();
        while (all.isEmpty() || open(all.getLast()) > 0) {
            all.add(accept());
            assertTrue(all.size() < 64, "the pool never ends");
        }
        int newcomer = all.getLast();
        assertTrue(rig.sessions.nextDeadlineNs() <= rig.nowNs + ReceiveCredit.BRIEF_IDLE_NS);
        long[] edges = rig.tcp.edge.clone();
        rig.nowNs += ReceiveCredit.BRIEF_IDLE_NS;
        pass();
        assertTrue(open(newcomer) >= Abi.LEAST_WINDOW, () -> "open=" + open(newcomer));
        for (int index : all) {
            assertTrue(rig.tcp.edge[index] >= edges[index], "retracted");
        }
        for (int i = 0; i < 200; i++) {
            rig.nowNs += ReceiveCredit.BRIEF_IDLE_NS;
            pass();
        }
        assertEquals(Long.MAX_VALUE, rig.sessions.nextDeadlineNs(), "idle connections cost nothing");
    }

    /** Of those who have what a newcomer lacks. */
    enum Holding {
        POSTED_RECEIVES,
        UNREAD_BYTES,
        BYTES_BEYOND_A_HOLE
    }

    /** The invariant of waiting: while a buffer is free nobody is without a window for ever, whatever is promised to others. */
    @ParameterizedTest
    @EnumSource(Holding.class)
    void shouldOpenEveryWindowWhileBuffersAreFreeWhateverOthersHold(Holding holding) {
        attach(64, 1 << 20);
        List<Integer> all = new ArrayList<>();
        while (all.isEmpty() || open(all.getLast()) > 0) {
            int index = accept();
            all.add(index);
            if (open(index) > 0) {
                hold(holding, index);
            }
            assertTrue(all.size() < 64, "the pool never ends");
        }
        int waiting = all.getLast();
        assertTrue(session().groups.freeBytes() > 0);
        long giveUpNs = rig.nowNs + ReceiveCredit.PATIENCE_NS + 2 * ReceiveCredit.BRIEF_IDLE_NS;
        while (open(waiting) == 0) {
            assertTrue(rig.nowNs < giveUpNs, "a zero window that never opens");
            long deadlineNs = rig.sessions.nextDeadlineNs();
            assertTrue(deadlineNs < Long.MAX_VALUE, "nothing would wake the lcore");
            assertTrue(deadlineNs > rig.nowNs, "the lcore would never sleep");
            rig.nowNs = deadlineNs;
            pass();
        }
        assertTrue(open(waiting) >= Abi.LEAST_WINDOW, () -> "open=" + open(waiting));
        fill(waiting);
        consumeAll();
    }

    private void hold(Holding holding, int index) {
        switch (holding) {
            case POSTED_RECEIVES -> client.receive(rig.tcp.handle(index), 1, -1, 0, 0, 500, 0);
            case UNREAD_BYTES -> assertEquals(100, rig.tcp.segment(index, 0, PAYLOAD, 100, true));
            case BYTES_BEYOND_A_HOLE -> assertEquals(100, rig.tcp.segment(index, 100, PAYLOAD, 100, true));
        }
        pass();
    }

    @Test
    void shouldPinOneBufferForManySmallMessagesWhenTheApplicationIsBehind() {
        attach(1024, 1 << 20);
        int index = accept();
        long sent = 0;
        while (open(index) > 0 && sent < 16_000) {
            rig.nowNs += 3_000_000; // each message comes alone, after a quiet time
            assertEquals(1, rig.tcp.segment(index, rig.tcp.rcvNxt(index), PAYLOAD, 1, true));
            pass();
            sent++;
        }
        assertEquals(16_000, sent);
        long bound = rig.sessions.placementCounters().boundBuffers;
        assertTrue(bound <= 16_000 / BUFFER_BYTES + 32, () -> "bound=" + bound);
    }

    @Test
    void shouldTakeNewCreditWhenTheOptionIsSet() {
        attach(1024, 0);
        int index = accept();
        assertEquals(0, rig.tcp.edge[index], "explicit mode");
        setCredit(index, 8 << 10);
        assertEquals(8 << 10, rig.tcp.edge[index]);
        fill(index);
        setCredit(index, 0);
        consumeAll();
        assertEquals(8 << 10, rig.tcp.edge[index], "explicit mode again: it neither grows nor retracts");
        client.receive(rig.tcp.handle(index), 1, -1, 0, 0, 500, 0);
        pass();
        assertEquals((8 << 10) + 500, rig.tcp.edge[index]);
    }

    private void setCredit(int index, long value) {
        client.submit(Op.SET_OPTION, 0, 0, 0, rig.tcp.handle(index), 9, 0, 0, Option.RECEIVE_CREDIT, 0, value, 0);
        pass();
    }

    @Test
    void shouldForgetPromisesOfConnectionsThatEnd() {
        attach(256, 1 << 20);
        long before = session().credit.spareBytes();
        int[] all = new int[8];
        for (int i = 0; i < all.length; i++) {
            all[i] = accept();
        }
        assertTrue(session().credit.spareBytes() < before);
        for (int i = 0; i < all.length; i++) {
            if (i % 2 == 0) {
                rig.tcp.die(all[i], ResultCode.RESET);
            }
            client.submit(Op.CLOSE, rig.tcp.isLive(all[i]) ? rig.tcp.handle(all[i]) : 0, 1, 0);
        }
        pass();
        assertEquals(before, session().credit.spareBytes());
    }
}
