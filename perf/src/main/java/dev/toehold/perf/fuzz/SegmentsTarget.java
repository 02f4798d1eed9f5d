package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.net.Tcp;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpConfig;
import dev.toehold.tcp.TcpCore;
import dev.toehold.tcp.TcpCounters;
import dev.toehold.tcp.TcpState;
import dev.toehold.tcp.TxSegment;
import java.lang.foreign.MemorySegment;

/**
 * A peer without manners against a core: the input chooses options, then segments near or far from what is expected, commands of the
 * application, ICMP errors, lacking buffers and time. After each step the invariants hold: positions and windows never go back, nothing is
 * acknowledged that was not published, every deadline is told, every segment in is counted.
 */
final class SegmentsTarget {
    private static final long MS = 1_000_000L;
    private static final int ISS = 0xFFFF_FF00;
    private static final int IRS = 0x7FFF_FFF0;
    private static final int STEPS_MAX = 400;
    private static final int MAX_TIMERS = 64;
    private static final int OPTIONS_MAX = 40;

    private final FuzzInput input;
    private final FuzzStore store = new FuzzStore();
    private final TcpCounters counters = new TcpCounters();
    private final SegmentsHost host;
    private final TcpCore core;
    private final Tcb tcb;
    private final Segment segment = new Segment();
    private long nowNs = 1_000_000 * MS;
    private long submitted;
    private long granted;
    private long segmentsIn;

    private SegmentsTarget(FuzzInput input) {
        this.input = input;
        int options = input.u8();
        TcpConfig config = TcpConfig.builder()
                .sack((options & 1) != 0)
                .timestamps((options & 2) != 0)
                .receiveWindowScale((options & 4) != 0 ? 7 : -1)
                .ecn((options & 8) != 0 ? TcpConfig.EcnMode.OFFER : TcpConfig.EcnMode.OFF)
                .congestionControl(
                        (options & 16) != 0 ? TcpConfig.CongestionAlgorithm.RENO : TcpConfig.CongestionAlgorithm.CUBIC)
                .pools(2, 2)
                .build();
        host = new SegmentsHost(store);
        core = new TcpCore(config, store, host, counters);
        tcb = new Tcb(store.records).wrap(0);
        open((options & 32) != 0, (options & 64) != 0 ? 6 : 4);
    }

    static void run(byte[] bytes) {
        SegmentsTarget target = new SegmentsTarget(new FuzzInput(bytes));
        for (int i = 0; i < STEPS_MAX && target.input.hasMore() && !target.store.isFree(); i++) {
            target.step();
            target.checkInvariants();
        }
        target.end();
    }

    private void open(boolean passive, int family) {
        store.allocate(tcb);
        tcb.iss(ISS);
        tcb.family(family);
        tcb.ourMss(1400);
        granted = 20_000;
        tcb.rcvGrant(granted);
        if (passive) {
            read(Tcp.SYN, IRS, 0);
            core.passiveOpen(tcb, segment, nowNs);
            segmentsIn++;
        } else {
            core.activeOpen(tcb, nowNs);
        }
        checkInvariants();
    }

    private void step() {
        int kind = input.u8();
        switch (kind & 15) {
            case 0, 1, 2, 3, 4, 5 -> arrive(kind);
            case 6 -> burstEnd();
            case 7 -> pass(input.u8());
            case 8 -> {
                submitted += input.u16();
                core.send(tcb, submitted, (kind & 16) != 0, nowNs);
            }
            case 9 -> core.flush(tcb, nowNs);
            case 10 -> {
                granted += input.u16();
                core.grantWindow(tcb, granted, (kind & 16) != 0 ? 20_000 : 0, nowNs);
            }
            case 11 -> icmp(kind);
            case 12 -> end(kind >> 4);
            case 13 -> {
                core.setNoDelay(tcb, (kind & 16) != 0, nowNs);
                if (!store.isFree()) {
                    core.setKeepalive(tcb, (kind & 32) != 0, nowNs);
                }
            }
            case 14 -> host.mayTransmit = (kind & 16) != 0;
            default -> host.room = (kind & 16) != 0 ? input.u8() : Integer.MAX_VALUE;
        }
    }

    /** A segment whose numbers are what is expected plus a choice: nothing, a little, a lot, anything. */
    private void arrive(int kind) {
        int flags = (kind & 15) == 0 ? input.u8() : Tcp.ACK | ((kind & 16) != 0 ? Tcp.PSH : 0);
        int seq = tcb.state() == TcpState.SYN_SENT ? IRS : tcb.rcvNxtSequence();
        int ack = tcb.sendSequence(tcb.sndUna());
        seq += near(kind >> 4 & 3);
        ack += near(kind >> 6 & 3);
        if ((kind & 15) == 1) {
            ack = tcb.sendSequence(tcb.sndMax());
        }
        read(flags, seq, ack);
        core.onSegment(tcb, segment, nowNs);
        segmentsIn++;
        if ((kind & 15) < 4) {
            burstEnd();
        }
    }

    private int near(int choice) {
        return switch (choice) {
            case 1 -> (byte) input.u8();
            case 2 -> (short) input.u16();
            case 3 -> input.i32();
            default -> 0;
        };
    }

    /** Options and text are bytes of their own, so that whoever reads beyond them is found. */
    private void read(int flags, int seq, int ack) {
        int shape = input.u8();
        byte[] options = (shape & 1) != 0 ? input.take(Math.min(OPTIONS_MAX, input.u8())) : new byte[0];
        int length = (shape & 2) != 0 ? input.u16() & 0xFFF : 0;
        segment.seq = seq;
        segment.ack = ack;
        segment.flags = flags;
        segment.window = (shape & 4) != 0 ? input.u16() : 0xFFFF;
        segment.urgentPointer = (shape & 8) != 0 ? input.u16() : 0;
        segment.ecn = shape >> 6;
        segment.memory = MemorySegment.ofArray(new byte[length]);
        segment.payloadOffset = 0;
        segment.payloadLength = length;
        segment.options.parse(MemorySegment.ofArray(options), 0, options.length);
    }

    private void burstEnd() {
        if (!store.isFree()) {
            store.published = tcb.rcvNxt();
            store.endPublished = host.endOfStream;
            core.onBurstEnd(tcb, nowNs);
        }
    }

    /** From microseconds to hours, stopping at each deadline on the way. */
    private void pass(int choice) {
        long end = nowNs + (MS << (choice & 31)) / 1024;
        for (int i = 0; i < MAX_TIMERS && !store.isFree() && host.deadlineNs <= end; i++) {
            nowNs = Math.max(nowNs, host.deadlineNs);
            core.onTimer(tcb, nowNs);
            check(store.isFree() || host.deadlineNs > nowNs || !host.mayTransmit, "a deadline stays due", nowNs);
            checkInvariants();
        }
        if (store.isFree() || host.deadlineNs > end) {
            nowNs = Math.max(nowNs, end);
        }
    }

    private void icmp(int kind) {
        TcpCore.IcmpKind[] kinds = TcpCore.IcmpKind.values();
        int seq = tcb.sendSequence(tcb.sndUna()) + near(kind >> 4 & 3);
        core.onIcmp(tcb, kinds[(kind >> 6) % kinds.length], input.u16(), seq, nowNs);
    }

    private void end(int how) {
        switch (how & 3) {
            case 0, 1 -> core.shutdown(tcb, nowNs);
            case 2 -> core.close(tcb, nowNs);
            default -> core.abort(tcb, nowNs);
        }
    }

    private void checkInvariants() {
        check(counters.get(TcpCounters.SEGMENTS_IN) == segmentsIn, "segments in", segmentsIn);
        if (store.isFree()) {
            return;
        }
        check(tcb.sndNxt() <= Math.max(0, tcb.sndMax()), "sndNxt beyond sndMax", tcb.sndNxt());
        check(tcb.rcvPosition() <= tcb.rcvNxt(), "rcvPosition beyond rcvNxt", tcb.rcvPosition());
        check(tcb.rcvNxt() <= tcb.rcvEdge(), "rcvNxt beyond rcvEdge", tcb.rcvNxt());
        check(tcb.rcvNxt() <= host.placedPrefix(), "rcvNxt covers a hole", tcb.rcvNxt());
        check(tcb.rcvEdge() <= granted, "rcvEdge beyond the grant", tcb.rcvEdge());
        check(tcb.cwnd() > 0 || tcb.state() < TcpState.ESTABLISHED, "cwnd", tcb.cwnd());
        check(tcb.nextDeadline() == host.deadlineNs, "deadline not told", tcb.nextDeadline());
        check(tcb.acknowledgedPosition() <= submitted, "acknowledged more than sent", tcb.acknowledgedPosition());
        boolean waits = tcb.state() >= TcpState.ESTABLISHED && tcb.sndUna() < tcb.sndMax();
        check(!waits || tcb.rexmtDeadline() != Long.MAX_VALUE, "in flight without a timer", tcb.sndUna());
    }

    /** Whatever state the input left: an abort ends it and gives everything back. */
    private void end() {
        host.mayTransmit = true;
        if (!store.isFree()) {
            core.abort(tcb, nowNs);
        }
        check(store.isFree(), "an aborted connection lives on in state", tcb.state());
        check(core.boundSlots() == 0, "slots still bound", core.boundSlots());
        check(host.terminations == 1, "terminated so often", host.terminations);
    }

    static int payloadAndFlags(TxSegment tx) {
        return tx.payloadLength + ((tx.flags & Tcp.SYN) != 0 ? 1 : 0) + ((tx.flags & Tcp.FIN) != 0 ? 1 : 0);
    }
}
