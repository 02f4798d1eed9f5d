package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SlotShares;
import dev.toehold.abi.SubmissionFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that does not look: who waits for a completion slot, who need not, and what their peers may learn meanwhile. */
class CompletionSlotsTest {
    private static final int BUFFER_BYTES = 2048;
    private static final int BUFFERS = 16;
    private static final byte[] BYTES = new byte[1460];

    private Rig rig;
    private Rig.Attached attached;
    private FakeClient client;

    @BeforeEach
    void setUp() {
        rig = new Rig(16);
        attached = rig.attach(64, 64, 64, rig.arena.allocate(64 * 1024, 64), Rig.CREDIT);
        client = attached.client();
        attached.group(0, 0, BUFFER_BYTES, BUFFERS);
        for (int id = 0; id < BUFFERS; id++) {
            client.lend(0, id);
        }
        client.listen(7, 80, 16, 16);
        rig.pass();
    }

    @AfterEach
    void tearDown() {
        rig.close();
    }

    private int accept() {
        long handle = rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 7);
        assertTrue(handle != 0);
        rig.pass();
        poll();
        rig.pass();
        return Handle.index(handle);
    }

    private List<FakeClient.Completion> poll() {
        List<FakeClient.Completion> all = new ArrayList<>();
        FakeClient.Completion completion;
        while ((completion = client.poll()) != null) {
            all.add(completion);
        }
        return all;
    }

    /** Small messages, each told by itself, until no slot is left. */
    private void exhaustSlots(int talker) {
        while (attached.session().queuePair.unpromised() > 0) {
            assertEquals(1, rig.tcp.segment(talker, rig.tcp.rcvNxt(talker), BYTES, 1, true));
            rig.pass();
        }
        assertEquals(0, rig.tcp.segment(talker, rig.tcp.rcvNxt(talker), BYTES, 1, true));
    }

    private void receive(int index, long userData, long position, int length) {
        client.receive(rig.tcp.handle(index), userData, position, 0, 48 * 1024L, length, 0);
        rig.pass();
    }

    @Test
    void shouldNotLetOneWithoutASlotKeepThoseBehindItWaiting() {
        int talker = accept();
        int dying = accept();
        int reader = accept();
        receive(reader, 99, 0, 100);
        exhaustSlots(talker);
        rig.tcp.die(dying, ResultCode.RESET);
        assertEquals(100, rig.tcp.segment(reader, 0, BYTES, 100, true));
        rig.pass();
        List<FakeClient.Completion> told = poll();
        assertTrue(told.stream().anyMatch(c -> c.op() == Op.RECEIVE && c.userData() == 99), "it holds its slot");
        assertTrue(told.stream().noneMatch(c -> c.op() == Op.TERMINATED));
        assertFalse(rig.tcp.isHeld[reader]);
        rig.pass();
        assertTrue(poll().stream().anyMatch(c -> c.op() == Op.TERMINATED && c.result() == ResultCode.RESET));
    }

    @Test
    void shouldHoldTheAcknowledgmentOfBytesThatTheClientCannotFind() {
        int talker = accept();
        int holder = accept();
        receive(holder, 99, 0, 100);
        assertEquals(50, rig.tcp.segment(holder, 100, BYTES, 50, false), "behind the RECEIVE, in a provided buffer");
        rig.pass();
        exhaustSlots(talker);
        assertEquals(100, rig.tcp.segment(holder, 0, BYTES, 100, false));
        rig.pass();
        assertTrue(rig.tcp.isHeld[holder], "bytes 100 to 150 are told by nothing yet");
        assertFalse(rig.tcp.isHeld[talker]);
        assertEquals(0, rig.tcp.segment(holder, 150, BYTES, 50, false), "nor are more taken");
        List<FakeClient.Completion> told = poll();
        assertTrue(told.stream().anyMatch(c -> c.op() == Op.RECEIVE && c.userData() == 99));
        rig.pass();
        assertFalse(rig.tcp.isHeld[holder]);
        FakeClient.Completion rest = poll().getFirst();
        assertEquals(rig.tcp.handle(holder), rest.handle());
        assertEquals(100, rest.position());
        assertEquals(50, rest.length());
        assertEquals(50, rig.tcp.segment(holder, 150, BYTES, 50, false));
    }

    @Test
    void shouldHoldTheAcknowledgmentOfAFinThatIsNotTold() {
        int talker = accept();
        int ending = accept();
        exhaustSlots(talker);
        rig.tcp.fin(ending);
        rig.pass();
        assertTrue(rig.tcp.isHeld[ending]);
        poll();
        rig.pass();
        assertFalse(rig.tcp.isHeld[ending]);
        assertTrue(poll().stream().anyMatch(c -> c.has(CompletionFlag.EOF) && c.handle() == rig.tcp.handle(ending)));
    }

    /** Submits SENDs that no peer acknowledges until the engine takes no more of them. Returns how many it took. */
    private int exhaustSends(int index) {
        int submitted = 0;
        while (client.hasSubmissionRoom()) {
            client.send(rig.tcp.handle(index), 100 + submitted, -1, 0, 48 * 1024L, 1, 0);
            submitted++;
            rig.pass();
        }
        return attached.session().send.heldSlots();
    }

    @Test
    void shouldLeaveSlotsForBuffersEventsAndVerbsWhenSendsTakeAllTheyMay() {
        int sender = accept();
        int other = accept();
        LcoreSession session = attached.session();
        assertEquals(BUFFERS, session.groups.lentCount());
        int taken = exhaustSends(sender);
        int left = SlotShares.leftBy(64, 0, session.pool.capacity() - session.pool.freeCount() - taken);
        assertTrue(taken > 64 / 16, "taken=" + taken);
        assertEquals(left, session.queuePair.unpromised());
        assertTrue(rig.sessions.armWakeups(), "who waits for a slot keeps nobody awake");
        rig.sessions.disarmWakeups();

        // A buffer comes back and is lent again; what it held was told; a connection is told of.
        assertEquals(BUFFER_BYTES, rig.tcp.segment(other, 0, new byte[BUFFER_BYTES], BUFFER_BYTES, true));
        rig.pass();
        FakeClient.Completion provided =
                poll().stream().filter(c -> c.op() == Op.PROVIDED).findFirst().orElseThrow();
        assertFalse(provided.has(CompletionFlag.MORE));
        client.lend(0, provided.buffer());
        rig.pass();
        assertEquals(BUFFERS, session.groups.lentCount());
        assertTrue(rig.tcp.accept(session.session().id(), rig.tcp.firstListener, 7) != 0);
        rig.pass();
        assertTrue(poll().stream().anyMatch(c -> c.op() == Op.ACCEPT));
        assertEquals(taken, session.send.heldSlots(), "none of it made room for a SEND");
    }

    @Test
    void shouldTakeSendsAgainWhenThePeerHasAcknowledgedSome() {
        int sender = accept();
        int taken = exhaustSends(sender);
        assertFalse(client.hasSubmissionRoom());
        rig.tcp.acknowledge(sender, taken, false);
        assertFalse(rig.sessions.armWakeups(), "there are slots for what waits");
        rig.sessions.disarmWakeups();
        rig.pass();
        assertEquals(1, poll().stream().filter(c -> c.op() == Op.SEND).count(), "one for all");
        rig.pass();
        assertTrue(client.hasSubmissionRoom());
        assertTrue(attached.session().send.heldSlots() > 0);
    }

    @Test
    void shouldTakeACloseWhenAClientKeepsToTheShares() {
        int sender = accept();
        long handle = rig.tcp.handle(sender);
        LcoreSession session = attached.session();
        while (session.queuePair.unpromised() - 1 >= SlotShares.leftBy(64, 0, 0)) {
            client.send(handle, 100, -1, 0, 48 * 1024L, 1, 0);
            rig.pass();
        }
        for (int i = 0; i < 64 / 16; i++) {
            client.receive(handle, 200 + i, -1, 0, 48 * 1024L, 100, 0);
            rig.pass();
        }
        assertEquals(64 / 16, session.pool.capacity() - session.pool.freeCount() - session.send.count());
        client.submit(Op.ABORT, handle, 300, 0);
        rig.pass();
        assertEquals(0, session.send.heldSlots());
        assertTrue(poll().stream().anyMatch(c -> c.op() == Op.ABORT && c.userData() == 300));
    }

    /** A client that keeps to the shares, at random, with peers that acknowledge when they like: nothing of it ever waits in the ring. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldTakeEverythingAtOnceOfAClientThatKeepsToTheShares(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] connections = {accept(), accept(), accept(), accept()};
        long[] sent = new long[connections.length];
        long[] acknowledged = new long[connections.length];
        int receives = 0;
        LcoreSession session = attached.session();
        for (int step = 0; step < 20_000; step++) {
            int which = random.nextInt(connections.length);
            int index = connections[which];
            int toCome = Math.min(32, BUFFERS) - session.groups.lentCount();
            int sends = session.send.heldSlots();
            boolean isEarly = random.nextInt(4) == 0;
            switch (random.nextInt(4)) {
                case 0 -> {
                    int slots = isEarly ? 2 : 1;
                    if (session.queuePair.unpromised() - slots >= SlotShares.leftBy(64, toCome, receives)) {
                        int flags = isEarly ? SubmissionFlag.EARLY : 0;
                        client.send(rig.tcp.handle(index), step, -1, 0, 48 * 1024L, 10, flags);
                        sent[which] += 10;
                    }
                }
                case 1 -> {
                    if (session.queuePair.unpromised() - 1 >= SlotShares.leftBy(64, toCome, sends) && receives < 60) {
                        client.receive(rig.tcp.handle(index), step, -1, 0, 48 * 1024L, 5, 0);
                        receives++;
                    }
                }
                case 2 -> {
                    acknowledged[which] += random.nextInt((int) (sent[which] - acknowledged[which]) / 10 + 1) * 10L;
                    rig.tcp.acknowledge(index, acknowledged[which], false);
                }
                default -> rig.tcp.segment(index, rig.tcp.rcvNxt(index), BYTES, 1 + random.nextInt(600), true);
            }
            rig.pass();
            for (FakeClient.Completion completion : poll()) {
                if (completion.op() == Op.RECEIVE) {
                    assertEquals(ResultCode.OK, Math.min(0, completion.result()));
                    receives--;
                } else if (completion.op() == Op.PROVIDED) {
                    if (completion.length() > 0) {
                        client.submit(Op.CONSUMED, completion.handle(), 1, completion.length());
                    }
                    if (!completion.has(CompletionFlag.MORE)) {
                        client.lend(0, completion.buffer());
                    }
                }
            }
            rig.pass();
            assertEquals(
                    client.sqTail, client.sqHead(), "seed " + seed + " step " + step + ": something waits in the ring");
            assertEquals(
                    client.bufTail,
                    client.bufHead(),
                    "seed " + seed + " step " + step + ": a buffer waits in the ring");
        }
        assertTrue(rig.errors.isEmpty());
    }
}
