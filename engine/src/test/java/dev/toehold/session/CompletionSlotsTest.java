package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
