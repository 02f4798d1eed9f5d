package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.net.EndpointRange;
import dev.toehold.net.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a session may use on an lcore, and what becomes of what is beyond that. */
class SessionPolicyTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final IpAddress HERE = IpAddress.parse("10.0.0.2");
    private static final IpAddress THERE = IpAddress.parse("192.0.2.1");

    private final Rig rig = new Rig(16);

    @AfterEach
    void close() {
        rig.close();
    }

    private Rig.Attached attach(int connections, int lent, int perSecond, List<String> listen, List<String> connect) {
        return rig.attach(
                64,
                64,
                64,
                rig.arena.allocate(64 * 1024, 64),
                Rig.CREDIT,
                SessionLimits.of(connections, 4, lent, perSecond, rules(listen), rules(connect)));
    }

    private static EndpointRules rules(List<String> texts) {
        return new EndpointRules(texts.stream().map(EndpointRange::parse).toList());
    }

    private List<FakeClient.Completion> passAndPoll(Rig.Attached attached) {
        rig.pass();
        List<FakeClient.Completion> all = new ArrayList<>();
        for (FakeClient.Completion c = attached.client().poll();
                c != null;
                c = attached.client().poll()) {
            all.add(c);
        }
        return all;
    }

    private static void listen(Rig.Attached attached, IpAddress address, int port) {
        attached.client().submit(Op.LISTEN, 0, 0, 1, 0, port, address.hi(), 0, 4, address.lo(), port, 0);
    }

    private static void connect(Rig.Attached attached, IpAddress address, int port, int localPort) {
        attached.client()
                .submit(
                        Op.CONNECT,
                        0,
                        0,
                        0,
                        0,
                        port,
                        address.hi(),
                        0,
                        0,
                        address.lo(),
                        port | (long) localPort << 16,
                        0);
    }

    private static List<Integer> results(List<FakeClient.Completion> completions) {
        return completions.stream().map(FakeClient.Completion::result).toList();
    }

    @Test
    void shouldListenOnlyWhereItMay() {
        Rig.Attached attached = attach(4, 32, 0, List.of("10.0.0.0/8:8000-8999"), List.of());
        listen(attached, HERE, 80);
        listen(attached, THERE, 8000);
        listen(attached, new IpAddress(0, 0), 8000);
        listen(attached, IpAddress.parse("0.0.0.0"), 8000);
        assertEquals(
                List.of(ResultCode.DENIED, ResultCode.DENIED, ResultCode.DENIED, ResultCode.DENIED),
                results(passAndPoll(attached)));
        listen(attached, HERE, 8999);
        assertEquals(List.of(ResultCode.OK), results(passAndPoll(attached)));
        assertEquals(4, rig.sessions.counters().listenDenied);
        assertEquals(4, attached.session().deniedCount());
    }

    @Test
    void shouldListenOnAllAddressesOnlyIfItMayOnEach() {
        EndpointRules all = rules(List.of("[::/0]:*", "0.0.0.0/0:*"));
        assertFalse(all.allowsLocal(0, 0, 80), "a list of prefixes is not the same as any");
        assertTrue(rules(List.of("*:80")).allowsLocal(0, 0, 80));
        assertFalse(rules(List.of("*:80")).allowsLocal(0, 0, 81));
    }

    @Test
    void shouldConnectOnlyWhereItMayFromWhereItMay() {
        Rig.Attached attached = attach(2, 32, 0, List.of("*:5000"), List.of("192.0.2.0/24:443"));
        connect(attached, THERE, 80, 0);
        connect(attached, HERE, 443, 0);
        connect(attached, THERE, 443, 22);
        assertEquals(List.of(ResultCode.DENIED, ResultCode.DENIED, ResultCode.DENIED), results(passAndPoll(attached)));
        assertEquals(2, rig.sessions.counters().connectDenied);
        assertEquals(1, rig.sessions.counters().listenDenied);
        connect(attached, THERE, 443, 5000);
        connect(attached, THERE, 443, 0);
        connect(attached, THERE, 443, 0);
        assertEquals(List.of(ResultCode.LIMIT), results(passAndPoll(attached)), "the third connection");
        assertEquals(1, rig.sessions.counters().quotaRefused);
    }

    @Test
    void shouldResetWhoIsAcceptedBeyondTheQuota() {
        Rig.Attached attached = attach(1, 32, 0, List.of("*:*"), List.of());
        attached.client().listen(1, 80, 4, 100);
        passAndPoll(attached);
        assertTrue(rig.tcp.accept(1, rig.tcp.firstListener, 1) != 0);
        assertEquals(0, rig.tcp.accept(1, rig.tcp.firstListener, 1), "its SYN is not admitted");
        assertTrue(rig.tcp.acceptAdmitted(1, rig.tcp.firstListener, 1) != 0, "but that of another was before");
        List<FakeClient.Completion> accepted = passAndPoll(attached);
        assertEquals(
                List.of(Op.ACCEPT),
                accepted.stream().map(FakeClient.Completion::op).toList());
        assertEquals(1, attached.session().connectionCount);
        assertEquals(1, rig.sessions.counters().orphansReset);
    }

    @Test
    void shouldLendNoMoreThanItMay() {
        Rig.Attached attached = attach(4, 16, 0, List.of("*:*"), List.of());
        attached.group(0, 0, 512, 32);
        for (int id = 0; id < 32; id++) {
            attached.client().lend(0, id);
        }
        assertEquals(List.of(), passAndPoll(attached));
        assertEquals(16, attached.session().lentBuffers());
        assertTrue(rig.sessions.armWakeups(), "what waits for the quota keeps nobody awake");
        rig.sessions.disarmWakeups();
    }

    @Test
    void shouldTakeNoMoreSubmissionsThanTheRateAndSleepMeanwhile() {
        Rig.Attached attached = attach(4, 32, 100, List.of("*:*"), List.of());
        long startNs = rig.nowNs;
        int[] answered = new int[11];
        int submitted = 0;
        while (rig.nowNs < startNs + 10 * SECOND_NS) {
            while (attached.client().hasSubmissionRoom()) {
                attached.client().submit(Op.NOP, 0, submitted++, 0);
            }
            answered[(int) ((rig.nowNs - startNs) / SECOND_NS)] +=
                    passAndPoll(attached).size();
            rig.pass(); // takes the places of what was polled
            assertTrue(rig.sessions.armWakeups(), "it waits for time only");
            rig.sessions.disarmWakeups();
            long deadlineNs = rig.sessions.nextDeadlineNs();
            assertTrue(deadlineNs < rig.nowNs + SECOND_NS, "and wakes by itself");
            rig.nowNs = Math.max(rig.nowNs, deadlineNs);
        }
        int sum = Arrays.stream(answered).sum();
        assertTrue(sum >= 900 && sum <= 1020, Arrays.toString(answered));
        assertTrue(attached.session().throttledCount() > 10);
    }

    @Test
    void shouldEndWhoRingsForNothingAllTheTime() {
        Rig.Attached attached = attach(4, 32, 0, List.of("*:*"), List.of());
        Rig.Attached honest = attach(4, 32, 0, List.of("*:*"), List.of());
        int id = attached.session().session().id();
        for (int i = 0; i < 2_000 && rig.errors.isEmpty(); i++) {
            rig.sessions.onRing(id);
            rig.pass();
        }
        assertEquals(List.of(ResultCode.LIMIT), rig.errors);
        assertEquals(1, rig.sessions.counters().doorbellFloods);
        honest.client().submit(Op.NOP, 0, 5, 0);
        assertEquals(1, passAndPoll(honest).size(), "the other one is served");
    }
}
