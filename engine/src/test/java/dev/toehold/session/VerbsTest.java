package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionFlag;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.placement.Region;
import dev.toehold.tcp.Requirement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each verb as the contract says it, one connection, one client. */
class VerbsTest {
    private static final int REGION_BYTES = 64 * 1024;
    private static final byte[] BYTES = new byte[4096];

    private Rig rig;
    private Rig.Attached attached;
    private FakeClient client;
    private long handle;
    private int index;

    static {
        for (int i = 0; i < BYTES.length; i++) {
            BYTES[i] = (byte) (i * 31);
        }
    }

    @BeforeEach
    void setUp() {
        rig = new Rig(16);
        attached = rig.attach(64, 64, 64, rig.arena.allocate(REGION_BYTES, 64), Rig.CREDIT);
        client = attached.client();
    }

    @AfterEach
    void tearDown() {
        rig.close();
    }

    private long listenAndAccept() {
        client.listen(7, 80, 16, 8);
        rig.pass();
        assertEquals(Op.LISTEN, client.poll().op());
        handle = rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 7);
        index = Handle.index(handle);
        rig.pass();
        FakeClient.Completion accept = client.poll();
        assertEquals(Op.ACCEPT, accept.op());
        assertEquals(handle, accept.handle());
        return handle;
    }

    private List<FakeClient.Completion> passAndPoll() {
        rig.pass();
        List<FakeClient.Completion> all = new ArrayList<>();
        FakeClient.Completion completion;
        while ((completion = client.poll()) != null) {
            all.add(completion);
        }
        return all;
    }

    private FakeClient.Completion only() {
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(1, all.size(), all::toString);
        return all.getFirst();
    }

    @Test
    void shouldTellWhoCameWhenConnectionIsAccepted() {
        client.listen(7, 80, 16, 1);
        FakeClient.Completion standing = only();
        assertTrue(standing.has(CompletionFlag.MORE));
        assertEquals(7, standing.userData());
        assertEquals(List.of(standing.handle()), rig.listening);
        int session = attached.session().session().id();
        handle = rig.tcp.accept(session, rig.tcp.firstListener, 7);
        FakeClient.Completion accept = only();
        assertEquals(7, accept.userData());
        assertEquals(40_000, accept.more() & 0xffff);
        assertEquals(80, accept.more() >>> 16);
        assertEquals(0x0a00_0001L, accept.arg1());
        assertEquals(0, rig.tcp.accept(session, rig.tcp.firstListener, 7), "no credit is left");
        client.submit(Op.SET_OPTION, 0, 0, 0, standing.handle(), 9, 0, 0, Option.ACCEPT_CREDIT, 0, 1, 0);
        assertEquals(ResultCode.OK, only().result());
        assertTrue(rig.tcp.accept(session, rig.tcp.firstListener, 7) != 0);
        client.submit(Op.CLOSE, standing.handle(), 10, 0);
        List<FakeClient.Completion> closing = passAndPoll();
        assertEquals(
                List.of(Op.ACCEPT, Op.LISTEN, Op.CLOSE),
                closing.stream().map(FakeClient.Completion::op).toList());
        assertFalse(closing.get(1).has(CompletionFlag.MORE));
        assertTrue(rig.listening.isEmpty());
        assertEquals(0, rig.tcp.accept(session, rig.tcp.firstListener, 7));
    }

    @Test
    void shouldGrantNoWindowInExplicitModeUntilReceiveIsPosted() {
        listenAndAccept();
        assertEquals(0, rig.tcp.edge[index]);
        client.receive(handle, 1, 0, 0, 0, 1000, 0);
        rig.pass();
        assertEquals(1000, rig.tcp.edge[index]);
        client.receive(handle, 2, Abi.NEXT_POSITION, 0, 1000, 500, 0);
        rig.pass();
        assertEquals(1500, rig.tcp.edge[index]);
        assertEquals(0, rig.sessions.placementCounters().noBuffer);
    }

    @Test
    void shouldPlaceDirectlyAndCompleteWhenFull() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 4096, 3000, 0);
        rig.pass();
        assertEquals(1000, rig.tcp.segment(index, 0, BYTES, 1000, true));
        assertTrue(passAndPoll().isEmpty(), "exact fill waits for all of it");
        byte[] rest = new byte[2000];
        System.arraycopy(BYTES, 1000, rest, 0, 2000);
        assertEquals(2000, rig.tcp.segment(index, 1000, rest, 2000, false));
        FakeClient.Completion completion = only();
        assertEquals(3000, completion.result());
        assertEquals(0, completion.position());
        for (int i = 0; i < 3000; i++) {
            assertEquals(BYTES[i], attached.region().get(ValueLayout.JAVA_BYTE, 4096 + i));
        }
        assertEquals(3000, rig.sessions.placementCounters().directBytes);
    }

    @Test
    void shouldCompleteShortOnlyWhenNothingIsPendingBehind() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 0, 1000, 10);
        rig.pass();
        rig.tcp.segment(index, 500, BYTES, 100, true);
        rig.tcp.segment(index, 0, BYTES, 50, true);
        assertTrue(passAndPoll().isEmpty(), "bytes lie behind the hole");
        rig.tcp.segment(index, 50, BYTES, 450, false);
        FakeClient.Completion completion = only();
        assertEquals(600, completion.result());
        assertEquals(1, completion.userData());
    }

    @Test
    void shouldPlaceOneSegmentAcrossReceivesOfTwoRegionsInAnyOrder() {
        MemorySegment other = rig.arena.allocate(4096, 64);
        rig.sessions.addRegion(attached.session(), new Region(1, other));
        listenAndAccept();
        client.receive(handle, 1, 0, 0, REGION_BYTES - 700, 700, 0);
        client.receive(handle, 2, Abi.NEXT_POSITION, 1, 100, 600, 0);
        client.receive(handle, 3, Abi.NEXT_POSITION, 0, 0, 500, 0);
        rig.pass();
        byte[] tail = new byte[1400];
        System.arraycopy(BYTES, 400, tail, 0, 1400);
        assertEquals(1400, rig.tcp.segment(index, 400, tail, 1400, true), "beyond a hole, through three RECEIVEs");
        assertTrue(passAndPoll().isEmpty());
        rig.tcp.segment(index, 0, BYTES, 400, false);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(1L, 2L, 3L),
                all.stream().map(FakeClient.Completion::userData).toList());
        assertEquals(
                List.of(700, 600, 500),
                all.stream().map(FakeClient.Completion::result).toList());
        for (int i = 0; i < 1800; i++) {
            MemorySegment memory = i < 700 || i >= 1300 ? attached.region() : other;
            long offset = i < 700 ? REGION_BYTES - 700 + i : i < 1300 ? 100 + i - 700 : i - 1300;
            assertEquals(BYTES[i], memory.get(ValueLayout.JAVA_BYTE, offset), "position " + i);
        }
    }

    @Test
    void shouldTakeSixtyFourReceivesOfAConnectionAndRefuseMore() {
        Rig.Attached wide = rig.attach(256, 256, 64, rig.arena.allocate(REGION_BYTES, 64), 0);
        wide.client().listen(7, 81, 16, 8);
        rig.pass();
        assertEquals(Op.LISTEN, wide.client().poll().op());
        long there = rig.tcp.accept(wide.session().session().id(), rig.tcp.firstListener, 7);
        rig.pass();
        assertEquals(Op.ACCEPT, wide.client().poll().op());
        for (int i = 0; i <= Abi.MAX_POSTED_RECEIVES; i++) {
            wide.client().receive(there, i, Abi.NEXT_POSITION, 0, i * 10L, 10, 0);
        }
        rig.pass();
        rig.pass();
        FakeClient.Completion refused = wide.client().poll();
        assertEquals(Abi.MAX_POSTED_RECEIVES, refused.userData());
        assertEquals(ResultCode.LIMIT, refused.result());
        assertNull(wide.client().poll());
        assertEquals(640, rig.tcp.edge[Handle.index(there)]);
    }

    @Test
    void shouldGatherLinkedSendsIntoOnePacketAndAnswerThemWithOneCompletion() {
        listenAndAccept();
        MemorySegment.copy(BYTES, 0, attached.region(), ValueLayout.JAVA_BYTE, 0, BYTES.length);
        client.send(handle, 1, Abi.NEXT_POSITION, 0, 3000, 100, SubmissionFlag.LINKED);
        client.send(handle, 2, Abi.NEXT_POSITION, 0, 1000, 200, SubmissionFlag.LINKED);
        rig.pass();
        assertTrue(rig.tcp.lastMore, "a link holds the last partial segment back");
        client.send(handle, 3, Abi.NEXT_POSITION, 0, 0, 300, 0);
        rig.pass();
        assertFalse(rig.tcp.lastMore);
        MemorySegment packet = rig.arena.allocate(600);
        assertTrue(rig.sessions.handler().readPayload(rig.tcp.callbackTcb.wrap(index), 0, packet, 0, 600));
        for (int i = 0; i < 600; i++) {
            int from = i < 100 ? 3000 + i : i < 300 ? 1000 + i - 100 : i - 300;
            assertEquals(BYTES[from], packet.get(ValueLayout.JAVA_BYTE, i), "position " + i);
        }
        rig.tcp.acknowledge(index, 600, false);
        FakeClient.Completion completion = only();
        assertEquals(3, completion.userData());
        assertEquals(600, completion.position() + completion.length());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-32", clause = "3.8.5")
    @Requirement(rfc = 9293, id = "MUST-33", clause = "3.8.5")
    void shouldTellHowFarUrgentDataReaches() {
        attached.group(0, 8192, 1024, 4);
        listenAndAccept();
        client.lend(0, 2);
        client.receive(handle, 5, 0, 0, 0, 100, 0);
        rig.pass();
        rig.tcp.urgent(index, 250);
        rig.tcp.segment(index, 0, BYTES, 100, false);
        FakeClient.Completion receive = only();
        assertEquals(Op.RECEIVE, receive.op());
        assertTrue(receive.has(CompletionFlag.URGENT));
        assertEquals(250, receive.arg0());
        rig.tcp.urgent(index, 101); // RCV.UP never goes back
        rig.tcp.segment(index, 100, BYTES, 150, true);
        FakeClient.Completion provided = only();
        assertEquals(Op.PROVIDED, provided.op());
        assertTrue(provided.has(CompletionFlag.URGENT));
        assertEquals(250, provided.arg0());
        client.receive(handle, 6, 250, 0, 0, 10, 0);
        rig.pass();
        rig.tcp.segment(index, 250, BYTES, 10, true);
        FakeClient.Completion behind = only();
        assertFalse(behind.has(CompletionFlag.URGENT));
        assertEquals(0, behind.arg0());
    }

    @Test
    void shouldStartBehindProvidedBytesWhenReceiveComesLate() {
        attached.group(0, 8192, 1024, 4);
        listenAndAccept();
        client.lend(0, 2);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 100, true);
        FakeClient.Completion provided = only();
        assertEquals(Op.PROVIDED, provided.op());
        assertEquals(100, provided.length());
        assertFalse(provided.has(CompletionFlag.MORE), "PSH with nothing pending gives the buffer back");
        assertTrue(provided.has(CompletionFlag.PUSH));
        client.receive(handle, 5, 0, 0, 0, 1000, 0);
        rig.pass();
        byte[] rest = new byte[900];
        System.arraycopy(BYTES, 100, rest, 0, 900);
        rig.tcp.segment(index, 100, rest, 900, false);
        FakeClient.Completion receive = only();
        assertEquals(100, receive.position());
        assertEquals(900, receive.result());
        assertEquals(BYTES[100], attached.region().get(ValueLayout.JAVA_BYTE, 100), "byte p lies at offset + p");
        for (int i = 0; i < 100; i++) {
            assertEquals(
                    0, attached.region().get(ValueLayout.JAVA_BYTE, i), "what was placed before is not moved here");
        }
        PlacementCounters counters = rig.sessions.placementCounters();
        assertEquals(1000, counters.directBytes + counters.providedBytes, "each byte is written once");
        client.receive(handle, 6, 500, 0, 0, 100, 0);
        assertEquals(0, only().length(), "wholly before what is bound");
    }

    @Test
    void shouldFillOneBufferInPiecesAndGiveItBackWhenQuiet() {
        attached.group(0, 8192, 1024, 4);
        listenAndAccept();
        client.lend(0, 1);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 100, false);
        FakeClient.Completion first = only();
        assertTrue(first.has(CompletionFlag.MORE));
        rig.tcp.segment(index, 100, BYTES, 50, false);
        FakeClient.Completion second = only();
        assertEquals(100, second.bufferOffset());
        assertEquals(100, second.position());
        assertTrue(rig.sessions.nextDeadlineNs() < rig.nowNs + 10_000_000);
        rig.nowNs += 10_000_000;
        FakeClient.Completion last = only();
        assertFalse(last.has(CompletionFlag.MORE));
        assertEquals(0, last.length());
        assertEquals(1, last.buffer());
        assertEquals(0, attached.session().groups.lentCount());
        assertEquals(Long.MAX_VALUE, rig.sessions.nextDeadlineNs());
    }

    @Test
    void shouldTakeTheSmallestBufferThatHoldsTheMessage() {
        attached.group(3, 0, 4096, 4);
        attached.group(1, 32 * 1024, 256, 4);
        listenAndAccept();
        client.lend(3, 0);
        client.lend(1, 0);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 200, true);
        assertEquals(1, only().more());
        rig.tcp.segment(index, 200, BYTES, 1400, true);
        assertEquals(3, only().more());
    }

    @Test
    void shouldDropUnacknowledgedAndGrantAgainWhenBuffersReturn() {
        attached.group(0, 0, 1024, 4);
        listenAndAccept();
        assertEquals(0, rig.tcp.segment(index, 0, BYTES, 500, true));
        assertEquals(1, rig.sessions.placementCounters().noBuffer);
        rig.pass();
        int grants = rig.tcp.grants;
        client.lend(0, 0);
        rig.pass();
        assertEquals(grants + 1, rig.tcp.grants);
        assertEquals(500, rig.tcp.segment(index, 0, BYTES, 500, true));
    }

    @Test
    void shouldTellEndOfStreamOnceAndAtOnceForLaterReceives() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 0, 1000, 0);
        client.receive(handle, 2, Abi.NEXT_POSITION, 0, 1000, 1000, 0);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 300, false);
        rig.tcp.fin(index);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(2, all.size());
        assertEquals(300, all.get(0).result());
        assertEquals(0, all.get(1).result());
        assertTrue(all.stream().allMatch(c -> c.has(CompletionFlag.EOF)));
        client.receive(handle, 3, Abi.NEXT_POSITION, 0, 0, 10, 0);
        FakeClient.Completion late = only();
        assertTrue(late.has(CompletionFlag.EOF));
        assertEquals(300, late.position());
    }

    @Test
    void shouldTellEndOfStreamToReceivePostedBehindOneThatTheEndCutShort() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 0, 1000, 0);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 300, false);
        rig.tcp.fin(index);
        rig.pass();
        client.receive(handle, 2, 1000, 0, 1000, 1000, 0);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(300, all.get(0).result());
        assertEquals(2, all.get(1).userData());
        assertEquals(ResultCode.OK, all.get(1).result(), "its client knew nothing of the end");
        assertTrue(all.get(1).has(CompletionFlag.EOF));
    }

    @Test
    void shouldCompletePrefixesAndForgetWhatIsOutOfOrderWhenFlushed() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 0, 1000, 0);
        client.receive(handle, 2, Abi.NEXT_POSITION, 0, 1000, 1000, 0);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 100, false);
        rig.tcp.segment(index, 600, BYTES, 100, false);
        client.submit(Op.FLUSH, handle, 3, 0);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(1L, 2L, 3L),
                all.stream().map(FakeClient.Completion::userData).toList());
        assertEquals(100, all.get(0).result());
        assertEquals(0, all.get(1).result());
        assertEquals(100, rig.tcp.received[index].cardinality(), "the bytes behind the hole come again");
    }

    @Test
    void shouldSendFromClientMemoryAndAnswerAllThatIsAcknowledgedAtOnce() {
        listenAndAccept();
        MemorySegment.copy(BYTES, 0, attached.region(), ValueLayout.JAVA_BYTE, 0, BYTES.length);
        client.send(handle, 1, 0, 0, 0, 1000, SubmissionFlag.EARLY);
        client.send(handle, 2, Abi.NEXT_POSITION, 0, 1000, 500, SubmissionFlag.MORE);
        client.send(handle, 3, 1500, 0, 1500, 100, 0);
        assertTrue(passAndPoll().isEmpty());
        assertEquals(1600, rig.tcp.lastSubmitted);
        MemorySegment packet = rig.arena.allocate(1460);
        assertTrue(rig.sessions.handler().readPayload(rig.tcp.callbackTcb.wrap(index), 0, packet, 0, 1460));
        for (int i = 0; i < 1460; i++) {
            assertEquals(BYTES[i], packet.get(ValueLayout.JAVA_BYTE, i));
        }
        FakeClient.Completion early = only();
        assertTrue(early.has(CompletionFlag.EARLY));
        assertEquals(1, early.userData());
        rig.tcp.acknowledge(index, 1460, false);
        FakeClient.Completion acknowledged = only();
        assertEquals(1, acknowledged.userData());
        assertTrue(rig.sessions.handler().readPayload(rig.tcp.callbackTcb.wrap(index), 1100, packet, 0, 500));
        assertEquals(BYTES[1100], packet.get(ValueLayout.JAVA_BYTE, 0));
        rig.tcp.acknowledge(index, 1600, false);
        FakeClient.Completion rest = only();
        assertEquals(3, rest.userData());
        assertEquals(1600, rest.position() + rest.length());
        assertFalse(rig.sessions.handler().readPayload(rig.tcp.callbackTcb.wrap(index), 1500, packet, 0, 100));
        assertEquals(attached.session().pool.capacity(), attached.session().pool.freeCount());
    }

    @Test
    void shouldRefuseTheRestOfAChainWhenOneOfItIsRefused() {
        listenAndAccept();
        client.send(handle, 1, Abi.NEXT_POSITION, 99, 0, 10, SubmissionFlag.LINKED);
        client.send(handle, 2, Abi.NEXT_POSITION, 0, 0, 10, SubmissionFlag.LINKED);
        client.send(handle, 3, Abi.NEXT_POSITION, 0, 0, 10, 0);
        client.send(handle, 4, Abi.NEXT_POSITION, 0, 0, 10, 0);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(1L, 2L, 3L),
                all.stream().map(FakeClient.Completion::userData).toList());
        assertTrue(all.stream().allMatch(c -> c.result() == ResultCode.INVALID));
        assertEquals(10, rig.tcp.lastSubmitted);
    }

    @Test
    void shouldCompleteCloseBehindTheLastSend() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 0, 1000, 0);
        client.send(handle, 2, 0, 0, 0, 100, 0);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 60, true);
        client.submit(Op.CLOSE, handle, 3, 0);
        FakeClient.Completion receive = only();
        assertEquals(ResultCode.CLOSED, receive.result());
        assertEquals(60, receive.length());
        assertTrue(rig.tcp.closed[index]);
        client.submit(Op.NOP, 0, 4, 0);
        client.send(handle, 5, Abi.NEXT_POSITION, 0, 0, 10, 0);
        assertEquals(
                List.of(ResultCode.OK, ResultCode.CLOSED),
                passAndPoll().stream().map(FakeClient.Completion::result).toList());
        assertEquals(0, rig.tcp.segment(index, 60, BYTES, 10, true), "nobody reads any more");
        rig.tcp.acknowledge(index, 100, true);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(2L, 3L),
                all.stream().map(FakeClient.Completion::userData).toList());
        client.submit(Op.CLOSE, handle, 6, 0);
        assertEquals(ResultCode.STALE, only().result());
    }

    @Test
    void shouldResetWhatLingersTooLong() {
        listenAndAccept();
        client.submit(Op.SET_OPTION, 0, 0, 0, handle, 1, 0, 0, Option.LINGER_NS, 0, 3_000_000_000L, 0);
        client.send(handle, 2, 0, 0, 0, 100, 0);
        client.submit(Op.CLOSE, handle, 3, 0);
        assertEquals(ResultCode.OK, only().result());
        rig.nowNs += 2_000_000_000L;
        assertTrue(passAndPoll().isEmpty());
        rig.nowNs += 2_500_000_000L;
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(2L, 3L),
                all.stream().map(FakeClient.Completion::userData).toList());
        assertEquals(ResultCode.RESET, all.get(0).result());
        assertEquals(1, rig.tcp.aborts);
        assertEquals(1, rig.sessions.counters().lingerTimeouts);
    }

    @Test
    void shouldAnswerEverythingThenTellWhenConnectionDies() {
        attached.group(0, 8192, 1024, 4);
        listenAndAccept();
        client.lend(0, 0);
        client.send(handle, 2, 0, 0, 0, 100, 0);
        client.send(handle, 3, 100, 0, 100, 100, 0);
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 100, false);
        client.receive(handle, 1, Abi.NEXT_POSITION, 0, 0, 1000, 0);
        rig.pass();
        rig.tcp.callbackTcb.wrap(index).sndUnaRelease(130);
        rig.tcp.die(index, ResultCode.TIMED_OUT);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(Op.PROVIDED, Op.RECEIVE, Op.SEND, Op.SEND, Op.TERMINATED),
                all.stream().map(FakeClient.Completion::op).toList());
        assertFalse(all.get(0).has(CompletionFlag.MORE), "the RECEIVE behind it ends the buffer");
        assertEquals(100, all.get(2).result());
        assertEquals(ResultCode.TIMED_OUT, all.get(3).result());
        assertEquals(30, all.get(3).more());
        assertEquals(ResultCode.TIMED_OUT, all.get(4).result());
        client.submit(Op.FLUSH, handle, 8, 0);
        assertEquals(ResultCode.STALE, only().result());
        client.submit(Op.CLOSE, handle, 9, 0);
        assertEquals(ResultCode.STALE, only().result());
    }

    @Test
    void shouldHaveReturnedEverythingWhenTheHandleIsStale() {
        attached.group(0, 8192, 1024, 4);
        listenAndAccept();
        for (int id = 0; id < 4; id++) {
            client.lend(0, id);
        }
        rig.pass();
        rig.tcp.segment(index, 0, BYTES, 100, false);
        client.receive(handle, 1, 2000, 0, 0, 100, 0);
        client.send(handle, 2, 0, 0, 0, 500, 0);
        client.submit(Op.SHUTDOWN, handle, 3, 0);
        rig.pass();
        rig.tcp.segment(index, 2000, BYTES, 50, false);
        rig.tcp.die(index, ResultCode.TIMED_OUT);
        client.submit(Op.CLOSE, handle, 4, 0);
        List<FakeClient.Completion> all = passAndPoll();
        List<Integer> ops = all.stream().map(FakeClient.Completion::op).toList();
        assertEquals(List.of(Op.CLOSE, Op.TERMINATED), ops.subList(ops.size() - 2, ops.size()), all::toString);
        assertEquals(ResultCode.STALE, all.get(all.size() - 2).result());
        assertEquals(1, all.stream().filter(c -> c.op() == Op.RECEIVE).count());
        assertEquals(1, all.stream().filter(c -> c.op() == Op.SEND).count());
        assertEquals(1, all.stream().filter(c -> c.op() == Op.SHUTDOWN).count());
        assertEquals(0, attached.session().regions.references(0));
        assertEquals(attached.session().pool.capacity(), attached.session().pool.freeCount());
        assertEquals(
                attached.session().groups.lentCount() + 1,
                attached.session().queuePair.promised(),
                "the LISTEN and what is lent");
    }

    @Test
    void shouldConnectAndSayWhyNot() {
        client.submit(Op.CONNECT, 0, 0, 100, 0, 1, 0, 0, 0, 0x0a000001L, 80, 0);
        assertTrue(passAndPoll().isEmpty());
        rig.sessions.handler().onConnected(rig.tcp.callbackTcb.wrap(0));
        FakeClient.Completion connected = only();
        assertEquals(ResultCode.OK, connected.result());
        assertEquals(0, Handle.index(connected.handle()));
        client.submit(Op.CONNECT, 0, 0, 100, 0, 2, 0, 0, 0, 0x0a000001L, 80, 0);
        rig.pass();
        rig.tcp.die(1, ResultCode.REFUSED);
        FakeClient.Completion refused = only();
        assertEquals(ResultCode.REFUSED, refused.result());
        assertEquals(2, refused.userData());
        client.submit(Op.CONNECT, 0, 0, 0, 0, 3, 0, 0, 0, 0x0a000001L, 0, 0);
        assertEquals(ResultCode.INVALID, only().result());
        assertEquals(-1, rig.tcp.lastLocalAddress, "the engine chooses");
        client.submit(Op.CONNECT, 0, 0, 0, 0, 4, 0, 3, 0, 0x0a000001L, 80, 0);
        rig.pass();
        assertEquals(2, rig.tcp.lastLocalAddress);
        client.submit(Op.CONNECT, 0, 0, 0, 0, 5, 0, -1, 0, 0x0a000001L, 80, 0);
        assertEquals(ResultCode.INVALID, only().result());
    }

    @Test
    void shouldTakeADiffservCodepoint() {
        listenAndAccept();
        client.submit(Op.SET_OPTION, 0, 0, 0, handle, 1, 0, 0, Option.DIFFSERV, 0, 46, 0);
        assertEquals(ResultCode.OK, only().result());
        assertEquals(46 << 2, rig.tcp.tcb(Handle.index(handle)).trafficClass());
        for (long wrong : new long[] {-1, 64, 1L << 40}) {
            client.submit(Op.SET_OPTION, 0, 0, 0, handle, 2, 0, 0, Option.DIFFSERV, 0, wrong, 0);
            assertEquals(ResultCode.INVALID, only().result());
        }
        assertEquals(46 << 2, rig.tcp.tcb(Handle.index(handle)).trafficClass());
    }

    @Test
    void shouldAbortAtOnce() {
        listenAndAccept();
        client.receive(handle, 1, 0, 0, 0, 1000, 0);
        client.submit(Op.ABORT, handle, 2, 0);
        List<FakeClient.Completion> all = passAndPoll();
        assertEquals(
                List.of(Op.RECEIVE, Op.ABORT),
                all.stream().map(FakeClient.Completion::op).toList());
        assertEquals(ResultCode.RESET, all.get(0).result());
        assertEquals(ResultCode.OK, all.get(1).result());
        assertEquals(1, rig.tcp.aborts);
    }

    @Test
    void shouldShutDownAndAnswerWhenTheFinIsAcknowledged() {
        listenAndAccept();
        client.send(handle, 1, 0, 0, 0, 10, 0);
        client.submit(Op.SHUTDOWN, handle, 2, 0);
        client.send(handle, 3, Abi.NEXT_POSITION, 0, 0, 10, 0);
        assertEquals(ResultCode.CLOSED, only().result());
        rig.tcp.acknowledge(index, 10, false);
        assertEquals(1, only().userData());
        rig.tcp.acknowledge(index, 10, true);
        assertEquals(2, only().userData());
    }

    @Test
    void shouldEndSessionWhenRingCounterIsImpossible() {
        listenAndAccept();
        QueuePairDescriptor.LONG.setRelease(client.memory, (long) QueuePairDescriptor.SQ_TAIL_OFFSET, 1000L);
        rig.pass();
        assertEquals(List.of(ResultCode.BAD_INDEX), rig.errors);
        rig.pass();
        assertEquals(1, rig.tcp.aborts, "its open connection is reset");
        boolean[] quiescent = {false};
        rig.sessions.end(attached.session(), () -> quiescent[0] = true);
        rig.pass();
        assertTrue(quiescent[0]);
    }

    @Test
    void shouldLetClosedConnectionsLingerWhenTheSessionEnds() {
        listenAndAccept();
        final long lingering = handle;
        client.send(lingering, 1, 0, 0, 0, 100, 0);
        client.submit(Op.CLOSE, lingering, 2, 0);
        rig.pass();
        long open = rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 7);
        rig.pass();
        boolean[] quiescent = {false};
        rig.sessions.end(attached.session(), () -> quiescent[0] = true);
        rig.pass();
        rig.pass();
        assertEquals(1, rig.tcp.aborts);
        assertFalse(rig.tcp.isLive(Handle.index(open)));
        assertFalse(quiescent[0], "a SEND still needs the region");
        MemorySegment packet = rig.arena.allocate(100);
        assertTrue(rig.sessions
                .handler()
                .readPayload(rig.tcp.callbackTcb.wrap(Handle.index(lingering)), 0, packet, 0, 100));
        rig.tcp.acknowledge(Handle.index(lingering), 100, true);
        rig.pass();
        assertTrue(quiescent[0]);
        assertEquals(1, rig.tcp.closedListeners);
    }

    @Test
    void shouldAnswerUnregisterOnlyWhenNothingRefersToTheRegion() {
        listenAndAccept();
        client.send(handle, 1, 0, 0, 0, 100, 0);
        rig.pass();
        boolean[] idle = {false};
        rig.sessions.removeRegion(attached.session(), 0, () -> idle[0] = true);
        rig.pass();
        assertFalse(idle[0]);
        client.send(handle, 2, Abi.NEXT_POSITION, 0, 0, 100, 0);
        assertEquals(ResultCode.INVALID, only().result());
        rig.tcp.acknowledge(index, 100, false);
        rig.pass();
        assertTrue(idle[0]);
    }
}
