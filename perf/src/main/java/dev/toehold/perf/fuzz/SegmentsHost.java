package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.net.Tcp;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpEffects;
import dev.toehold.tcp.TcpState;
import dev.toehold.tcp.TxSegment;
import java.util.BitSet;

/** The host of {@link SegmentsTarget}: places into a set of positions and looks at everything that leaves. */
final class SegmentsHost implements TcpEffects {
    private final FuzzStore store;
    private final BitSet placed = new BitSet();
    private int prefix;
    private long wireEdge;

    /** Bytes that can be placed still. */
    int room = Integer.MAX_VALUE;

    boolean mayTransmit = true;
    boolean endOfStream;
    int terminations;
    long deadlineNs = Long.MAX_VALUE;

    SegmentsHost(FuzzStore store) {
        this.store = store;
    }

    int placedPrefix() {
        prefix = placed.nextClearBit(prefix);
        return prefix;
    }

    @Override
    public int place(Tcb tcb, long position, Segment segment, int payloadOffset, int length) {
        check(length > 0, "place of nothing", length);
        check(payloadOffset >= 0 && payloadOffset + length <= segment.payloadLength, "outside the text", length);
        check(position >= 0 && position + length <= tcb.rcvEdge(), "beyond the promised edge", position + length);
        int take = Math.min(room, length);
        if (room != Integer.MAX_VALUE) {
            room -= take;
        }
        int at = (int) position;
        int next = placed.nextSetBit(at);
        check(next < 0 || next >= at + take, "placed twice", next);
        placed.set(at, at + take);
        return take;
    }

    @Override
    public void onDelivered(Tcb tcb, boolean push) {
        check(tcb.rcvNxt() <= placedPrefix(), "delivered a hole", tcb.rcvNxt());
    }

    @Override
    public void onEndOfStream(Tcb tcb) {
        check(!endOfStream, "a second end of the stream", tcb.rcvNxt());
        endOfStream = true;
    }

    @Override
    public void onAcknowledged(Tcb tcb) {
        check(tcb.acknowledgedPosition() >= 0, "acknowledged", tcb.acknowledgedPosition());
    }

    @Override
    public boolean transmit(Tcb tcb, TxSegment tx) {
        boolean isReset = (tx.flags & Tcp.RST) != 0;
        check(tx.payloadLength >= 0, "text", tx.payloadLength);
        check(tx.window >= 0 && tx.window <= 0xFFFF, "window", tx.window);
        check(tx.optionsLength() <= 40 && (tx.optionsLength() & 3) == 0, "options", tx.optionsLength());
        check(tx.optionsLength() + tx.payloadLength <= 1400, "longer than the MSS", tx.payloadLength);
        if (!isReset) {
            int end = tx.seq + SegmentsTarget.payloadAndFlags(tx);
            int sndMax = tcb.iss() + 1 + (int) tcb.sndMax();
            check(end - sndMax <= 0, "left before sndMax was committed", end - sndMax);
        }
        if ((tx.flags & Tcp.ACK) != 0 && tcb.state() >= TcpState.SYN_RECEIVED && !isReset) {
            int committed = tcb.irs() + 1 + (int) tcb.rcvPosition() + (tcb.finReceived() >= 0 ? 1 : 0);
            check(tx.ack == committed, "acknowledges what is not committed", tx.ack - committed);
        }
        if ((tx.flags & (Tcp.SYN | Tcp.RST)) == 0 && tcb.state() >= TcpState.ESTABLISHED) {
            long edge = tcb.rcvPosition() + ((long) tx.window << tcb.rcvWscale());
            check(edge <= tcb.rcvEdge(), "a window beyond the committed edge", edge);
            check(edge > wireEdge - (1L << tcb.rcvWscale()), "a window that retracts", edge);
            wireEdge = Math.max(wireEdge, edge);
        }
        for (int i = 0; i < tx.sackCount; i++) {
            long left = tcb.receivePosition(tx.sackEdges[2 * i]);
            long right = tcb.receivePosition(tx.sackEdges[2 * i + 1]);
            check(left < right && placed.nextClearBit((int) left) >= right, "SACK of what is not there", right);
        }
        return mayTransmit;
    }

    @Override
    public void onConnected(Tcb tcb) {
        check(tcb.state() >= TcpState.ESTABLISHED, "connected in state", tcb.state());
    }

    @Override
    public void onAccepted(Tcb tcb) {
        check(tcb.state() >= TcpState.ESTABLISHED, "accepted in state", tcb.state());
    }

    @Override
    public void onTerminated(Tcb tcb, int reason) {
        terminations++;
    }

    @Override
    public void onFreed(Tcb tcb) {
        store.free(tcb);
        deadlineNs = Long.MAX_VALUE;
    }

    @Override
    public void onDeadline(Tcb tcb, long deadline) {
        deadlineNs = deadline;
    }

    @Override
    public long random() {
        return 4;
    }
}
