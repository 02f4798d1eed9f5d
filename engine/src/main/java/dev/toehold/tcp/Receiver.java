package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/**
 * Text and FIN (RFC 9293 section 3.10.7.4, seventh and eighth step). Bytes go to their final place at once, beyond holes too; what
 * the prefix reaches is acknowledged only after {@link #commit}, at the end of the burst.
 */
final class Receiver {
    private static final int MAX_OWED = 0xFFFF;

    private final Context context;
    private final Closing closing;

    Receiver(Context context, Closing closing) {
        this.context = context;
        this.closing = closing;
    }

    /** An ACK of its own for a segment that did not advance the prefix (RFC 5681 section 4.2). */
    void oweDuplicateAck(Tcb tcb) {
        tcb.dupAcksOwed(Math.min(tcb.dupAcksOwed() + 1, MAX_OWED));
    }

    /** Places what is new and lies in the window. */
    void processText(Tcb tcb, Segment segment) {
        int length = segment.payloadLength;
        if (length == 0) {
            return;
        }
        context.counters.add(TcpCounters.BYTES_IN, length);
        tcb.rcvMss(Math.max(tcb.rcvMss(), length));
        long start = tcb.receivePosition(segment.seq);
        long before = tcb.rcvNxt();
        long limit = tcb.finPending() >= 0 ? Math.min(tcb.rcvEdge(), tcb.finPending()) : tcb.rcvEdge();
        long end = Math.min(start + length, limit);
        if (end <= before) {
            context.counters.increment(TcpCounters.DUPLICATES_IN);
            reportDuplicate(tcb, start, end);
            oweDuplicateAck(tcb);
            return;
        }
        if (start < before) {
            reportDuplicate(tcb, start, before);
        }
        boolean hadHole = context.ranges.count(tcb) > 0;
        long placedBefore = tcb.bytesPlaced();
        boolean placedAll = placeGaps(tcb, segment, Math.max(start, before), end);
        if (tcb.rcvNxt() > before) {
            if (context.ranges.count(tcb) > 0) {
                tcb.rcvNxt(context.ranges.absorb(tcb, tcb.rcvNxt()));
            }
            // What was owed reports a hole that has closed; the cumulative ACK says it all.
            tcb.dupAcksOwed(0);
            if (hadHole) {
                tcb.set(TcbFlags.ACK_NOW);
            }
            context.effects.onDelivered(tcb, segment.has(Tcp.PSH));
        } else if (start > before) {
            tcb.outOfOrderIn(tcb.outOfOrderIn() + 1);
            context.counters.increment(TcpCounters.OUT_OF_ORDER_IN);
            if (placedAll || tcb.bytesPlaced() > placedBefore) {
                oweDuplicateAck(tcb);
            }
        }
        if (!placedAll) {
            // Text without a place is neither placed nor acknowledged, nor is the FIN behind it.
            segment.flags &= ~Tcp.FIN;
        }
    }

    /** Places the parts of [start, end) that are not there yet; false = some found no room. */
    private boolean placeGaps(Tcb tcb, Segment segment, long start, long end) {
        long segmentStart = tcb.receivePosition(segment.seq);
        long at = start;
        while (at < end) {
            int known = context.ranges.firstEndingAfter(tcb, at);
            if (known >= 0 && context.ranges.start(tcb, known) <= at) {
                long knownEnd = Math.min(end, context.ranges.end(tcb, known));
                reportDuplicate(tcb, at, knownEnd);
                context.ranges.touch(tcb, at);
                at = knownEnd;
                continue;
            }
            long gapEnd = known >= 0 ? Math.min(end, context.ranges.start(tcb, known)) : end;
            long placed = placeGap(tcb, segment, (int) (at - segmentStart), at, gapEnd);
            at += placed;
            if (at < gapEnd) {
                return false;
            }
        }
        return true;
    }

    private long placeGap(Tcb tcb, Segment segment, int payloadOffset, long start, long end) {
        boolean inOrder = start == tcb.rcvNxt();
        if (!inOrder && !context.ranges.canAdd(tcb, start, end)) {
            context.counters.increment(TcpCounters.REASSEMBLY_EXHAUSTED);
            return 0;
        }
        int length = (int) (end - start);
        int placed = context.effects.place(tcb, start, segment, payloadOffset, length);
        if (placed < length) {
            tcb.set(TcbFlags.STARVED);
            context.counters.increment(TcpCounters.NO_ROOM_DROPS);
        }
        tcb.bytesPlaced(tcb.bytesPlaced() + placed);
        if (inOrder) {
            tcb.rcvNxt(start + placed);
        } else if (placed > 0) {
            context.ranges.add(tcb, start, start + placed);
            context.counters.add(TcpCounters.OUT_OF_ORDER_BYTES_IN, placed);
        }
        return placed;
    }

    /** What lies before the stream was never received, so it did not come twice. */
    private void reportDuplicate(Tcb tcb, long start, long end) {
        long from = Math.max(0, start);
        if (tcb.has(TcbFlags.SACK_PERMITTED) && from < end) {
            context.ranges.noteDuplicate(tcb, from, end);
        }
    }

    /** A FIN is remembered where it stands and takes effect when the prefix reaches it. */
    void processFin(Tcb tcb, Segment segment) {
        if (segment.has(Tcp.FIN) && tcb.finPending() < 0) {
            long position = tcb.receivePosition(segment.seq) + segment.payloadLength;
            if (position >= tcb.rcvNxt() && position >= lastRangeEnd(tcb) && position <= tcb.rcvEdge()) {
                tcb.finPending(position);
                if (position > tcb.rcvNxt() && segment.payloadLength == 0) {
                    oweDuplicateAck(tcb);
                }
            }
        }
        if (tcb.finPending() >= 0 && tcb.rcvNxt() == tcb.finPending() && !tcb.has(TcbFlags.END_OF_STREAM)) {
            tcb.set(TcbFlags.END_OF_STREAM | TcbFlags.ACK_NOW);
            context.effects.onEndOfStream(tcb);
        }
    }

    private long lastRangeEnd(Tcb tcb) {
        int count = context.ranges.count(tcb);
        return count == 0 ? 0 : context.ranges.end(tcb, count - 1);
    }

    /**
     * The end of a burst: completions are published, so the prefix and the FIN behind it may be acknowledged from here on. Where the host has
     * said that they are not, only what it says is.
     */
    void commit(Tcb tcb, long nowNs) {
        if (tcb.has(TcbFlags.UNPUBLISHED)) {
            long published = Math.min(context.effects.publishedEnd(tcb), tcb.rcvNxt());
            if (published > tcb.rcvPosition()) {
                context.store.commitRcvPosition(tcb, published);
            }
            return;
        }
        if (tcb.rcvNxt() > tcb.rcvPosition()) {
            context.store.commitRcvPosition(tcb, tcb.rcvNxt());
        }
        if (tcb.has(TcbFlags.END_OF_STREAM) && tcb.finReceived() < 0) {
            context.store.commitFinReceived(tcb, tcb.finPending());
            switch (tcb.state()) {
                case TcpState.ESTABLISHED -> context.transition(tcb, TcpState.CLOSE_WAIT);
                case TcpState.FIN_WAIT_1 -> context.transition(tcb, TcpState.CLOSING);
                case TcpState.FIN_WAIT_2 -> closing.enterTimeWait(tcb, nowNs);
                default -> {}
            }
        }
    }
}
