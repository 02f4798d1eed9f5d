package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that submits whatever it likes while traffic goes on: nothing throws, nothing outside its region is touched, the slots add up,
 * and an honest client on the same lcore keeps its bytes.
 */
class HostileSubmissionFuzzTest {
    private static final int SUBMISSIONS = 200_000;
    private static final int REGION_BYTES = 256 * 1024;
    private static final int GUARD_BYTES = 64 * 1024;
    private static final byte GUARD = 0x5a;

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void shouldSurviveAnything(long seed) {
        try (Rig rig = new Rig(32)) {
            run(rig, new SplittableRandom(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed=" + seed, e);
        }
    }

    private static void run(Rig rig, SplittableRandom random) {
        MemorySegment guarded = rig.arena.allocate(REGION_BYTES + 2L * GUARD_BYTES, 64);
        guarded.fill(GUARD);
        MemorySegment region = guarded.asSlice(GUARD_BYTES, REGION_BYTES);
        Rig.Attached hostile = rig.attach(256, 256, 256, region, Rig.CREDIT);
        hostile.group(0, 0, 512, 64);
        hostile.group(1, 64 * 1024, 4096, 16);
        Rig.Attached honest = rig.attach(64, 64, 64, rig.arena.allocate(8192, 64), 0);
        honest.client().listen(1, 81, 4, 1);
        rig.pass();
        honest.client().poll();
        final long honestHandle = rig.tcp.accept(2, rig.tcp.firstListener, 1);
        honest.client().receive(honestHandle, 77, 0, 0, 0, 8192, 0);
        hostile.client().listen(2, 80, 100, 1_000_000);
        rig.pass();

        FakeClient client = hostile.client();
        byte[] bytes = new byte[1460];
        List<Long> handles = new ArrayList<>();
        long submitted = 0;
        while (submitted < SUBMISSIONS) {
            for (int i = random.nextInt(32); i > 0 && client.hasSubmissionRoom(); i--) {
                submit(client, random, handles);
                submitted++;
            }
            for (int i = random.nextInt(4); i > 0 && client.hasBufferRoom(); i--) {
                client.lend(random.nextInt(3) * random.nextInt(3), random.nextInt(80) - 2);
            }
            if (random.nextInt(4) == 0) {
                long handle = rig.tcp.accept(1, rig.tcp.firstListener + random.nextInt(8), 2);
                if (handle != 0) {
                    handles.add(handle);
                }
            }
            for (int i = random.nextInt(4); i > 0; i--) {
                peer(rig, random, bytes);
            }
            if (handles.size() > 64) {
                handles.subList(0, 32).clear();
            }
            rig.pass();
            if (random.nextInt(3) == 0) {
                drain(client);
            }
        }
        assertTrue(rig.errors.isEmpty(), "no ring counter was wrong");
        SessionCounters counters = rig.sessions.counters();
        assertTrue(counters.refused > 1000, () -> "refused=" + counters.refused);
        checkGuards(guarded);
        finishHonest(rig, honest, honestHandle);
        checkEnd(rig, hostile);
    }

    private static void submit(FakeClient client, SplittableRandom random, List<Long> handles) {
        boolean isSane = random.nextInt(3) > 0;
        int[] ops = {
            Op.NOP,
            Op.RECEIVE,
            Op.CONSUMED,
            Op.SEND,
            Op.FLUSH,
            Op.LISTEN,
            Op.CONNECT,
            Op.SHUTDOWN,
            Op.CLOSE,
            Op.ABORT,
            Op.SET_OPTION,
            Op.RECEIVE,
            Op.SEND,
            Op.CONSUMED,
            Op.RECEIVE,
            Op.SEND
        };
        int op = isSane ? ops[random.nextInt(ops.length)] : random.nextInt(256);
        long handle = handles.isEmpty() || random.nextInt(6) == 0
                ? Handle.of(random.nextInt(8), random.nextInt(4), random.nextInt(48) - 4)
                : handles.get(random.nextInt(handles.size()));
        if (op == Op.LISTEN || op == Op.CONNECT) {
            handle = random.nextInt(8) == 0 ? handle : 0;
        }
        client.submit(
                op,
                random.nextInt(8) == 0 ? random.nextInt(256) : op == Op.SEND ? random.nextInt(8) : 0,
                random.nextInt(20) == 0 ? random.nextInt(65536) : 0,
                number(random),
                handle,
                random.nextLong(),
                random.nextInt(2) == 0 ? -1 : wide(random),
                random.nextInt(4) == 0 ? random.nextInt() : 0,
                number(random),
                wide(random),
                wide(random),
                random.nextInt(20) == 0 ? random.nextLong() : 0);
    }

    private static int number(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt();
            case 1 -> Integer.MAX_VALUE;
            case 2 -> 0;
            default -> random.nextInt(3000);
        };
    }

    private static long wide(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> Long.MAX_VALUE - random.nextInt(4);
            case 2 -> REGION_BYTES - random.nextInt(2000);
            default -> random.nextInt(9000);
        };
    }

    private static void peer(Rig rig, SplittableRandom random, byte[] bytes) {
        int index = 1 + random.nextInt(31);
        if (!rig.tcp.isLive(index)) {
            return;
        }
        long rcvNxt = rig.tcp.rcvNxt(index);
        switch (random.nextInt(12)) {
            case 0 -> rig.tcp.die(index, ResultCode.RESET);
            case 1 -> rig.tcp.acknowledge(index, rig.tcp.tcb(index).submitted(), false);
            case 2 -> {
                MemorySegment packet = MemorySegment.ofArray(bytes);
                long submitted = rig.tcp.tcb(index).submitted();
                int length = (int) Math.min(submitted, 1460);
                if (length > 0) {
                    rig.sessions
                            .handler()
                            .readPayload(rig.tcp.callbackTcb.wrap(index), submitted - length, packet, 0, length);
                }
            }
            case 3 -> {
                if (rig.tcp.closed[index]) {
                    rig.tcp.free(index);
                }
            }
            default -> {
                if (rcvNxt < 1_000_000) {
                    int gap = random.nextInt(3) == 0 ? random.nextInt(4000) : 0;
                    int position = rig.tcp.received[index].nextClearBit((int) rcvNxt + gap);
                    int next = rig.tcp.received[index].nextSetBit(position);
                    int length = 1 + random.nextInt(1460);
                    length = next < 0 ? length : Math.min(length, next - position);
                    rig.tcp.segment(index, position, bytes, length, random.nextBoolean());
                }
            }
        }
    }

    private static void drain(FakeClient client) {
        FakeClient.Completion completion;
        do {
            completion = client.poll();
        } while (completion != null);
    }

    private static void checkGuards(MemorySegment guarded) {
        for (long i = 0; i < GUARD_BYTES; i++) {
            assertEquals(GUARD, guarded.get(ValueLayout.JAVA_BYTE, i));
            assertEquals(GUARD, guarded.get(ValueLayout.JAVA_BYTE, guarded.byteSize() - 1 - i));
        }
    }

    private static void finishHonest(Rig rig, Rig.Attached honest, long handle) {
        int index = Handle.index(handle);
        byte[] bytes = new byte[8192];
        new SplittableRandom(1).nextBytes(bytes);
        assertEquals(8192, rig.tcp.segment(index, 0, bytes, 8192, true));
        rig.pass();
        FakeClient.Completion accept = honest.client().poll();
        assertEquals(Op.ACCEPT, accept.op());
        FakeClient.Completion receive = honest.client().poll();
        assertEquals(8192, receive.result());
        for (int i = 0; i < bytes.length; i++) {
            assertEquals(bytes[i], honest.region().get(ValueLayout.JAVA_BYTE, i));
        }
    }

    private static void checkEnd(Rig rig, Rig.Attached hostile) {
        boolean[] quiescent = {false};
        rig.sessions.end(hostile.session(), () -> quiescent[0] = true);
        for (int i = 0; i < 100 && !quiescent[0]; i++) {
            rig.nowNs += 10_000_000_000L;
            rig.pass();
        }
        assertTrue(quiescent[0], () -> "connections left: " + hostile.session().connectionCount);
        assertEquals(hostile.session().pool.capacity(), hostile.session().pool.freeCount());
        assertEquals(0, hostile.session().regions.references(0));
    }
}
