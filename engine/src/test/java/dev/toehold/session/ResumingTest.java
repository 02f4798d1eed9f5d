package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client may say of a connection of an earlier engine, and what it gets for a lie. */
class ResumingTest {
    private static final long RCV_POSITION = 1000;
    private static final long RCV_EDGE = 5000;
    private static final long SND_UNA = 300;
    private static final long SND_MAX = 700;

    private final Rig rig = new Rig(8);
    private MemorySegment region;
    private Rig.Attached attached;
    private long handle;
    private int index;

    @BeforeEach
    void leaveAConnection() {
        region = rig.arena.allocate(1 << 16);
        attached = rig.attach(16, 64, 16, region, Rig.CREDIT);
        index = rig.tcp.allocate(attached.session().session().id(), 55, TcpState.ESTABLISHED);
        handle = rig.tcp.handle(index);
        Tcb tcb = rig.tcp.tcb(index);
        tcb.rcvPositionRelease(RCV_POSITION);
        tcb.rcvNxt(RCV_POSITION);
        tcb.rcvEdgeRelease(RCV_EDGE);
        tcb.sndUnaRelease(SND_UNA);
        tcb.sndMaxRelease(SND_MAX);
        tcb.finSentRelease(-1);
        tcb.finReceivedRelease(-1);
        rig.tcp.waiting[index] = true;
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private ResumeResult resume(long delivered, long consumed, long submitted) {
        return rig.sessions.resume(
                attached.session(), new ResumeRequest(handle, delivered, consumed, submitted), rig.nowNs);
    }

    @ParameterizedTest
    @CsvSource({
        "5001, 0, 700", // beyond what was promised to the peer
        "-1, 0, 700",
        "9223372036854775807, 0, 700",
        "1000, 1001, 700", // consumed what was not delivered
        "1000, -1, 700",
        "1000, 1000, 699", // never submitted what was sent
        "1000, 1000, -1",
        "1000, 1000, -9223372036854775808"
    })
    void shouldResetWhatCannotBe(long delivered, long consumed, long submitted) {
        ResumeResult result = resume(delivered, consumed, submitted);
        assertEquals(ResultCode.RESET, result.code(), result::text);
        assertTrue(result.text().contains("Position="), result::text);
        assertEquals(1, rig.tcp.refusedResumes);
        assertEquals(ResultCode.STALE, resume(1000, 1000, 700).code());
    }

    @Test
    void shouldRefuseOtherSessionsAndStaleHandles() {
        Rig.Attached other = rig.attach(16, 64, 16, region, Rig.CREDIT);
        ResumeRequest honest = new ResumeRequest(handle, 1000, 1000, 700);
        assertEquals(
                ResultCode.STALE,
                rig.sessions.resume(other.session(), honest, rig.nowNs).code());
        long stale = Handle.of(FakeTcp.LCORE, Handle.generation(handle) + 1, index);
        for (long wrong : new long[] {stale, 1, -1, handle + 1}) {
            ResumeRequest request = new ResumeRequest(wrong, 1000, 1000, 700);
            assertEquals(
                    ResultCode.STALE,
                    rig.sessions.resume(attached.session(), request, rig.nowNs).code());
        }
        assertEquals(0, rig.tcp.refusedResumes);
        assertEquals(ResultCode.OK, resume(1000, 1000, 700).code());
        assertEquals(ResultCode.STALE, resume(1000, 1000, 700).code(), "a second time");
    }

    @Test
    void shouldGoOnFromWhatTheClientHas() {
        ResumeResult result = resume(1200, 1100, 900);
        assertEquals(ResultCode.OK, result.code(), result::text);
        assertEquals(1200, result.rcvPosition());
        assertEquals(SND_UNA, result.sndUna());
        attached.client().receive(handle, 7, 1200, 0, 0, 100, 0);
        attached.client().send(handle, 8, SND_UNA, 0, 1000, 600, 0);
        rig.pass();
        assertEquals(900, rig.tcp.lastSubmitted);
        assertEquals(100, rig.tcp.segment(index, 1200, new byte[100], 100, false));
        rig.tcp.acknowledge(index, 900, false);
        rig.pass();
        assertEquals(8, next(Op.SEND).userData());
        FakeClient.Completion receive = next(Op.RECEIVE);
        assertEquals(1200, receive.position());
        assertEquals(100, receive.result());
    }

    /** A SEND that the peer acknowledged while its client had not submitted it again yet. */
    @Test
    void shouldCompleteAtOnceWhatIsAcknowledgedAlready() {
        assertEquals(ResultCode.OK, resume(1000, 1000, 700).code());
        rig.tcp.acknowledge(index, 600, false);
        attached.client().send(handle, 8, SND_UNA, 0, 1000, 200, 0);
        attached.client().send(handle, 9, 500, 0, 1200, 200, 0);
        rig.pass();
        assertEquals(8, next(Op.SEND).userData());
        rig.tcp.acknowledge(index, 700, false);
        rig.pass();
        assertEquals(9, next(Op.SEND).userData());
    }

    @Test
    void shouldTellTheEndOfTheStreamAgain() {
        rig.tcp.tcb(index).finReceivedRelease(RCV_POSITION);
        assertEquals(ResultCode.RESET, resume(1001, 0, 700).code(), "beyond the end");
        leaveAConnection();
        rig.tcp.tcb(index).finReceivedRelease(RCV_POSITION);
        assertEquals(ResultCode.OK, resume(1000, 0, 700).code());
        rig.pass();
        assertTrue(next(Op.PROVIDED).has(CompletionFlag.EOF));
    }

    @Test
    void shouldHoldTheClientToTheEndThatItSent() {
        rig.tcp.tcb(index).finSentRelease(SND_MAX - 1);
        assertEquals(ResultCode.RESET, resume(1000, 0, SND_MAX).code());
        leaveAConnection();
        rig.tcp.tcb(index).finSentRelease(SND_MAX - 1);
        assertEquals(ResultCode.OK, resume(1000, 0, SND_MAX - 1).code());
    }

    @Test
    void shouldTakeListenersUpWithoutCredit() {
        rig.tcp.waitingListener = Handle.of(FakeTcp.LCORE, 1, rig.tcp.firstListener);
        ResumeRequest request = new ResumeRequest(rig.tcp.waitingListener, 0, 0, 0);
        assertEquals(
                ResultCode.OK,
                rig.sessions.resume(attached.session(), request, rig.nowNs).code());
        assertTrue(!rig.sessions.handler().admits(rig.tcp.firstListener), "credit is granted anew");
        assertEquals(java.util.List.of(rig.tcp.waitingListener), rig.listening);
    }

    private FakeClient.Completion next(int op) {
        FakeClient.Completion completion = attached.client().poll();
        while (completion != null && completion.op() != op) {
            completion = attached.client().poll();
        }
        assertTrue(completion != null, "no completion of op " + op);
        return completion;
    }
}
