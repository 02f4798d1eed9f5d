package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.tcp.Tcb;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Taking submissions, placing, completing and publishing allocates nothing, RECEIVEs and provided buffers alike. */
class SessionAllocationTest {
    private static final int WARM_UP_ROUNDS = 30_000;
    private static final int ROUNDS = 20_000;
    private static final int LENGTH = 1024;

    private final MemorySegment segment = MemorySegment.ofArray(new byte[LENGTH]);
    private long position;
    private long submitted;

    @Test
    void shouldAllocateNothingPerSegmentOrSubmission() {
        try (Rig rig = new Rig(4)) {
            Rig.Attached attached = rig.attach(64, 256, 64, rig.arena.allocate(64 * 1024, 64), 1 << 20);
            attached.group(0, 32 * 1024, LENGTH, 16);
            FakeClient client = attached.client();
            client.listen(1, 80, 16, 4);
            rig.pass();
            long handle = rig.tcp.accept(1, rig.tcp.firstListener, 1);
            rig.pass();
            Tcb tcb = rig.tcp.callbackTcb.wrap(Handle.index(handle));
            for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                round(rig, client, tcb, handle);
            }
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long id = Thread.currentThread().threadId();
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 5 && least > 0; attempt++) {
                long before = threads.getThreadAllocatedBytes(id);
                for (int i = 0; i < ROUNDS; i++) {
                    round(rig, client, tcb, handle);
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
            }
            // A late compilation may allocate on this thread once; something per round would show in every attempt.
            assertEquals(0, least / ROUNDS, "bytes in a round");
            assertTrue(least < 4096, "bytes in " + ROUNDS + " rounds: " + least);
            assertTrue(rig.sessions.placementCounters().directBytes > 0);
            assertTrue(rig.sessions.placementCounters().providedBytes > 0);
        }
    }

    /** A RECEIVE and what fills it, a buffer and what fills that, a SEND and its acknowledgment. */
    private void round(Rig rig, FakeClient client, Tcb tcb, long handle) {
        client.receive(handle, 1, -1, 0, 0, LENGTH, 0);
        client.send(handle, 2, -1, 0, 4096, 100, 0);
        rig.pass();
        deliver(rig, tcb);
        submitted += 100;
        rig.sessions.handler().readPayload(tcb, submitted - 100, segment, 0, 100);
        tcb.sndUnaRelease(submitted);
        rig.sessions.handler().onAcknowledged(tcb);
        client.lend(0, (int) (position / LENGTH / 2 % 16));
        client.submit(Op.NOP, 0, 3, 0);
        rig.pass();
        deliver(rig, tcb);
        client.submit(Op.CONSUMED, handle, 4, 0);
        rig.pass();
        skipCompletions(client);
    }

    private void deliver(Rig rig, Tcb tcb) {
        int placed = rig.sessions.handler().place(tcb, position, segment, 0, LENGTH);
        if (placed != LENGTH) {
            throw new AssertionError("placed=" + placed + " at " + position);
        }
        position += LENGTH;
        tcb.rcvNxt(position);
        rig.sessions.handler().onDelivered(tcb, true);
        rig.pass();
    }

    private static void skipCompletions(FakeClient client) {
        client.cqHead =
                (long) QueuePairDescriptor.LONG.getAcquire(client.memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET);
        QueuePairDescriptor.LONG.setRelease(client.memory, (long) QueuePairDescriptor.CQ_HEAD_OFFSET, client.cqHead);
    }
}
