package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.net.Tcp;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpEffects;
import dev.toehold.tcp.TcpState;
import dev.toehold.tcp.TxSegment;

/** Compares what the core wants done with what was committed and placed before, then has it done. */
final class CheckedEffects implements TcpEffects {
    /** Less than the least retransmission timeout: probes of a closed window keep at least this distance. */
    private static final long LEAST_PROBE_INTERVAL_NS = 100_000_000;

    private final CheckedCore checked;
    private final TcpEffects own;
    private long nowNs;

    CheckedEffects(CheckedCore checked, TcpEffects own) {
        this.checked = checked;
        this.own = own;
    }

    void now(long value) {
        nowNs = value;
    }

    @Override
    public int place(Tcb tcb, long position, Segment segment, int payloadOffset, int length) {
        CommitRecord record = checked.record(tcb.index());
        check(length > 0, "place of nothing", length);
        check(
                payloadOffset >= 0 && payloadOffset + length <= segment.payloadLength,
                "place outside the payload",
                length);
        check(position + length <= record.rcvEdge, "place beyond the promised edge", position + length);
        if (tcb.rangesIndex() < 0) {
            record.forgetBeyond(tcb.rcvNxt());
        }
        long rcvNxt = tcb.rcvNxt();
        int placed = own.place(tcb, position, segment, payloadOffset, length);
        check(placed >= 0 && placed <= length, "placed", placed);
        int at = record.placed.nextSetBit((int) position);
        boolean isNew = at < 0 || at >= position + placed;
        check(isNew || (checked.mayForget() && position >= rcvNxt), "placed twice", position);
        record.placed.set((int) position, (int) position + placed);
        return placed;
    }

    @Override
    public void onDelivered(Tcb tcb, boolean push) {
        check(tcb.rcvNxt() <= checked.record(tcb.index()).placedPrefix(), "delivered a hole", tcb.rcvNxt());
        own.onDelivered(tcb, push);
    }

    @Override
    public long publishedEnd(Tcb tcb) {
        return own.publishedEnd(tcb);
    }

    @Override
    public void onEndOfStream(Tcb tcb) {
        check(tcb.rcvNxt() <= checked.record(tcb.index()).placedPrefix(), "ended behind a hole", tcb.rcvNxt());
        own.onEndOfStream(tcb);
    }

    @Override
    public void onAcknowledged(Tcb tcb) {
        check(checked.record(tcb.index()).sndUna == tcb.sndUna(), "SEND completion before its commit", tcb.sndUna());
        check(tcb.acknowledgedPosition() <= tcb.submitted(), "acknowledged what was not submitted", tcb.sndUna());
        own.onAcknowledged(tcb);
    }

    @Override
    public boolean transmit(Tcb tcb, TxSegment tx) {
        CommitRecord record = checked.record(tcb.index());
        if (tx.has(Tcp.ACK) && tcb.state() >= TcpState.SYN_RECEIVED) {
            int committed = tcb.irs() + 1 + (int) record.rcvPosition + (record.finReceived >= 0 ? 1 : 0);
            check(tx.ack == committed, "ACK differs from what is committed by", tx.ack - committed);
            if (!tx.has(Tcp.SYN | Tcp.RST)) {
                checkEdge(tcb, tx, record);
            }
        }
        int end = tx.seq + tx.payloadLength + (tx.has(Tcp.SYN) ? 1 : 0) + (tx.has(Tcp.FIN) ? 1 : 0);
        if (!tx.has(Tcp.RST)) {
            check(end - (tcb.iss() + 1 + (int) record.sndMax) <= 0, "transmission before sndMax", end);
        }
        check(!tx.has(Tcp.FIN) || record.finSent >= 0, "FIN before finSent", end);
        for (int i = 0; i < tx.sackCount; i++) {
            int left = (int) tcb.receivePosition(tx.sackEdges[2 * i]);
            int right = (int) tcb.receivePosition(tx.sackEdges[2 * i + 1]);
            check(left >= 0 && left < right && record.placed.nextClearBit(left) >= right, "SACK of nothing", right);
        }
        if (tx.payloadLength > 0) {
            checkText(tcb, tx, record);
        }
        return own.transmit(tcb, tx);
    }

    /** The promised edge is committed first, and what the wire says retracts by less than one unit of the scale. */
    private static void checkEdge(Tcb tcb, TxSegment tx, CommitRecord record) {
        long edge = record.rcvPosition + ((long) tx.window << tcb.rcvWscale());
        check(edge <= record.rcvEdge, "window beyond the committed edge", edge);
        check(edge > record.wireEdge - (1L << tcb.rcvWscale()), "the window retracts to", edge);
        record.wireEdge = Math.max(record.wireEdge, edge);
    }

    /** Text stays within the MSS, within what was submitted and within the window, but for a probe of a closed one now and then. */
    private void checkText(Tcb tcb, TxSegment tx, CommitRecord record) {
        long end = tx.payloadPosition + tx.payloadLength;
        check(tx.payloadPosition >= 0 && end <= tcb.submitted(), "not submitted", end);
        check(tx.optionsLength() + tx.payloadLength <= tcb.ourMss(), "MSS", tx.payloadLength);
        record.allowedEdge = Math.max(record.allowedEdge, tcb.sndUna() + tcb.sndWnd());
        if (end <= record.allowedEdge) {
            return;
        }
        check(tx.payloadLength == 1, "beyond the window, which ends at " + record.allowedEdge, end);
        if (record.probeEdge == record.allowedEdge) {
            check(
                    nowNs - record.lastProbeNs >= LEAST_PROBE_INTERVAL_NS,
                    "two probes of one window within ns",
                    nowNs - record.lastProbeNs);
        }
        record.probeEdge = record.allowedEdge;
        record.lastProbeNs = nowNs;
    }

    @Override
    public void onConnected(Tcb tcb) {
        own.onConnected(tcb);
    }

    @Override
    public void onAccepted(Tcb tcb) {
        own.onAccepted(tcb);
    }

    @Override
    public void onTerminated(Tcb tcb, int reason) {
        CommitRecord record = checked.record(tcb.index());
        check(!record.isTerminated, "terminated twice", reason);
        record.isTerminated = true;
        own.onTerminated(tcb, reason);
    }

    @Override
    public void onFreed(Tcb tcb) {
        int index = tcb.index();
        own.onFreed(tcb);
        checked.end(index);
    }

    @Override
    public void onDeadline(Tcb tcb, long deadlineNs) {
        own.onDeadline(tcb, deadlineNs);
    }

    @Override
    public long random() {
        return own.random();
    }
}
