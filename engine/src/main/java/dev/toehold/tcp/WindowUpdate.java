package dev.toehold.tcp;

/**
 * The receive window (RFC 9293 section 3.8.6.2.2): which edge the next segment promises. The host grants positions; an edge is
 * committed before it is advertised and never retracts.
 *
 * <pre>
 *   rcvPosition       rcvNxt            rcvEdge          rcvGrant
 *      | placed, ACKed  | the peer may send | held back (SWS) |
 * </pre>
 *
 * With a window scale the field can only name multiples: what goes out may lie below the promised edge by less than one unit, which
 * RFC 7323 section 2.4 foresees; every byte below rcvEdge is still taken.
 */
final class WindowUpdate {
    static final int MAX_FIELD = 0xFFFF;

    private final Context context;

    WindowUpdate(Context context) {
        this.context = context;
    }

    /** The window field for a segment that acknowledges rcvPosition; commits the edge that it promises. */
    int select(Tcb tcb, int shift) {
        long position = tcb.rcvPosition();
        long edge = tcb.rcvEdge();
        long grant = tcb.rcvGrant();
        long target = opens(tcb, position, shift) ? grant : edge;
        long field = Math.clamp((target - position) >> shift, 0, MAX_FIELD);
        if (field < MAX_FIELD && position + (field << shift) < edge && position + ((field + 1) << shift) <= grant) {
            field++;
        }
        long promised = position + (field << shift);
        if (promised > edge) {
            context.store.commitRcvEdge(tcb, promised);
        }
        return (int) field;
    }

    /**
     * Records the grant; true = the peer should hear of it now.
     *
     * @param bufferLength as {@link TcpCore#grantWindow} has it
     */
    boolean grant(Tcb tcb, long edge, long bufferLength) {
        if (edge > tcb.rcvGrant()) {
            tcb.rcvGrant(edge);
        }
        tcb.rcvStep(bufferLength == 0 ? 0 : Math.clamp(bufferLength / 2, 1, tcb.ourMss()));
        if (!TcpState.mayReceive(tcb.state())) {
            return false;
        }
        if (tcb.has(TcbFlags.STARVED)) {
            tcb.unset(TcbFlags.STARVED);
            return true;
        }
        long rcvNxt = tcb.rcvNxt();
        int shift = tcb.rcvWscale();
        return opens(tcb, rcvNxt, shift) && reach(tcb, rcvNxt, shift) - rcvNxt >= 2 * (tcb.rcvEdge() - rcvNxt);
    }

    /** Receiver's silly-window avoidance: open by a full segment or half of the buffer, or not at all. */
    private static boolean opens(Tcb tcb, long from, int shift) {
        long reach = reach(tcb, from, shift);
        long more = reach - tcb.rcvEdge();
        long step = tcb.rcvStep() != 0 ? tcb.rcvStep() : Math.min(tcb.ourMss(), (reach - from) / 2);
        return more > 0 && more >= step;
    }

    /** How far a window field can point. */
    private static long reach(Tcb tcb, long from, int shift) {
        return Math.min(tcb.rcvGrant(), from + ((long) MAX_FIELD << shift));
    }
}
