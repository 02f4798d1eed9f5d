package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that scribble over everything they share, one after the other: each is ended with a reason or hangs up, leaves nothing behind, and
 * an honest client on the same lcore gets every byte.
 */
class HostileSessionsFuzzTest {
    private static final int OPERATIONS = 20_000;
    private static final int STEPS_OF_A_SESSION = 200;
    private static final int REGION_BYTES = 64 * 1024;
    private static final int MESSAGE_BYTES = 64;
    private static final int[] COUNTERS = {
        QueuePairDescriptor.SQ_TAIL_OFFSET, QueuePairDescriptor.BUF_TAIL_OFFSET, QueuePairDescriptor.CQ_HEAD_OFFSET
    };
    private static final int[] OPS = {
        Op.NOP,
        Op.RECEIVE,
        Op.CONSUMED,
        Op.SEND,
        Op.FLUSH,
        Op.SHUTDOWN,
        Op.CLOSE,
        Op.ABORT,
        Op.SET_OPTION,
        Op.LISTEN,
        Op.CONNECT
    };

    private final byte[] message = new byte[MESSAGE_BYTES];
    private int operations;
    private int ended;
    private int honestMessages;

    @ParameterizedTest
    @ValueSource(longs = {21, 22})
    void shouldEndWhoeverScribblesAndLeaveOthersAlone(long seed) {
        try (Rig rig = new Rig(32)) {
            run(rig, new SplittableRandom(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed=" + seed + " operations=" + operations, e);
        }
    }

    private void run(Rig rig, SplittableRandom random) {
        Rig.Attached honest = rig.attach(64, 64, 64, rig.arena.allocate(REGION_BYTES, 64), 0);
        honest.client().listen(1, 81, 4, 1);
        rig.pass();
        honest.client().poll();
        long handle = rig.tcp.accept(honest.session().session().id(), rig.tcp.firstListener, 1);
        rig.pass();
        assertEquals(Op.ACCEPT, honest.client().poll().op());
        while (operations < OPERATIONS) {
            hostileSession(rig, random, honest, handle);
        }
        assertTrue(ended > 20, "sessions ended for what they wrote: " + ended);
        assertTrue(honestMessages > 1_000, "messages of the honest one: " + honestMessages);
    }

    private void hostileSession(Rig rig, SplittableRandom random, Rig.Attached honest, long honestHandle) {
        rig.errors.clear();
        Rig.Attached hostile = rig.attach(64, 128, 64, rig.arena.allocate(REGION_BYTES, 64), Rig.CREDIT);
        hostile.group(0, 0, 512, 64);
        hostile.client().listen(2, 80, 16, 1_000);
        rig.pass();
        boolean isScribbling = random.nextInt(4) > 0;
        long connection = 0;
        for (int step = 0; step < STEPS_OF_A_SESSION && rig.errors.isEmpty(); step++) {
            operations++;
            if (random.nextInt(8) == 0) {
                long accepted = rig.tcp.accept(hostile.session().session().id(), rig.tcp.firstListener + 1, 2);
                connection = accepted == 0 ? connection : accepted;
            }
            if (isScribbling && random.nextInt(10) == 0) {
                scribble(hostile.client(), random);
            } else {
                behave(hostile, random, connection);
            }
            rig.pass();
            if (step % 4 == 0) {
                exchange(rig, random, honest, honestHandle);
            }
        }
        if (!rig.errors.isEmpty()) {
            assertEquals(List.of(ResultCode.BAD_INDEX), rig.errors);
            ended++;
        }
        checkGone(rig, hostile);
    }

    /** Anything anywhere in the queue pair's memory, or a counter that is a little off. */
    private static void scribble(FakeClient client, SplittableRandom random) {
        MemorySegment memory = client.memory;
        if (random.nextBoolean()) {
            long words = memory.byteSize() / Long.BYTES;
            for (int i = random.nextInt(64); i >= 0; i--) {
                memory.set(ValueLayout.JAVA_LONG, random.nextLong(words) * Long.BYTES, random.nextLong());
            }
        } else {
            long at = COUNTERS[random.nextInt(COUNTERS.length)];
            long value = memory.get(ValueLayout.JAVA_LONG, at);
            memory.set(ValueLayout.JAVA_LONG, at, value + random.nextInt(200) - 20);
        }
    }

    private static void behave(Rig.Attached hostile, SplittableRandom random, long connection) {
        FakeClient client = hostile.client();
        switch (random.nextInt(4)) {
            case 0 -> {
                if (client.hasBufferRoom()) {
                    client.lend(random.nextInt(2), random.nextInt(70));
                }
            }
            case 1 -> client.poll();
            default -> {
                if (client.hasSubmissionRoom()) {
                    client.submit(
                            OPS[random.nextInt(OPS.length)],
                            random.nextInt(8),
                            0,
                            random.nextInt(1_000),
                            random.nextInt(8) == 0 ? random.nextLong() : connection,
                            random.nextLong(),
                            random.nextBoolean() ? -1 : random.nextInt(4_000),
                            random.nextInt(2),
                            random.nextInt(4_000),
                            random.nextLong(REGION_BYTES + 100),
                            random.nextInt(70_000),
                            0);
                }
            }
        }
    }

    private void exchange(Rig rig, SplittableRandom random, Rig.Attached honest, long handle) {
        int index = Handle.index(handle);
        long offset = (long) (honestMessages % (REGION_BYTES / MESSAGE_BYTES)) * MESSAGE_BYTES;
        honest.client().receive(handle, honestMessages, -1, 0, offset, MESSAGE_BYTES, 0);
        rig.pass();
        random.nextBytes(message);
        assertEquals(MESSAGE_BYTES, rig.tcp.segment(index, rig.tcp.rcvNxt(index), message, MESSAGE_BYTES, true));
        rig.pass();
        FakeClient.Completion completion = honest.client().poll();
        assertNotNull(completion, "the honest client's completion");
        assertEquals(Op.RECEIVE, completion.op());
        assertEquals(honestMessages, completion.userData());
        assertEquals(MESSAGE_BYTES, completion.result());
        MemorySegment got = honest.region().asSlice(offset, MESSAGE_BYTES);
        assertEquals(-1, got.mismatch(MemorySegment.ofArray(message)));
        honestMessages++;
    }

    /** The control thread ends the session; nothing of it is left on the lcore. */
    private static void checkGone(Rig rig, Rig.Attached hostile) {
        boolean[] isQuiescent = {false};
        rig.sessions.end(hostile.session(), () -> isQuiescent[0] = true);
        for (int i = 0; i < 100 && !isQuiescent[0]; i++) {
            rig.nowNs += 10_000_000_000L;
            rig.pass();
        }
        assertTrue(isQuiescent[0], () -> "connections left: " + hostile.session().connectionCount);
        assertEquals(hostile.session().pool.capacity(), hostile.session().pool.freeCount());
        assertEquals(0, hostile.session().regions.references(0));
        for (int index = 1; index < 32; index++) {
            assertTrue(
                    !rig.tcp.isLive(index) || rig.tcp.tcb(index).sessionId() == 1,
                    "a connection of a session that is gone: index=" + index);
        }
    }
}
