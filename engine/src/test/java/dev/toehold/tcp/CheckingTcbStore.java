package dev.toehold.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * A store in plain memory that keeps a shadow of what was committed, refuses what the crash table forbids, and lets a host ask
 * whether a segment that is about to leave says more than was committed.
 */
final class CheckingTcbStore implements TcbStore {
    final MemorySegment records;
    private final Shadow[] shadows;
    private final ArrayDeque<Integer> freeIndexes = new ArrayDeque<>();

    /** What a restarted engine would find. */
    static final class Shadow {
        int state;
        long rcvPosition;
        long rcvEdge;
        long sndMax;
        long sndUna;
        long finSent;
        long finReceived;

        /** Set by the host: end of the bytes for which completions are published. */
        long published;

        boolean endOfStreamPublished;
    }

    CheckingTcbStore(int capacity) {
        records = Arena.ofAuto().allocate((long) capacity * TcbLayout.LENGTH, 64);
        shadows = new Shadow[capacity];
        Tcb tcb = new Tcb(records);
        for (int i = 0; i < capacity; i++) {
            tcb.wrap(i).index(i);
            tcb.initialize();
            freeIndexes.add(i);
        }
    }

    /** First in, first out. */
    int allocate(Tcb tcb) {
        int index = freeIndexes.remove();
        tcb.wrap(index).initialize();
        shadows[index] = new Shadow();
        shadows[index].sndMax = -1;
        shadows[index].sndUna = -1;
        shadows[index].finSent = -1;
        shadows[index].finReceived = -1;
        return index;
    }

    int freeCount() {
        return freeIndexes.size();
    }

    Shadow shadow(Tcb tcb) {
        return shadows[tcb.index()];
    }

    @Override
    public void publish(Tcb tcb, int state) {
        check(tcb.state() == TcpState.FREE, "publish of a record in use", tcb.state());
        check(TcpState.isAllowed(TcpState.FREE, state), "publish in state", state);
        shadow(tcb).state = state;
        tcb.stateRelease(state);
    }

    @Override
    public void free(Tcb tcb) {
        check(tcb.state() == TcpState.CLOSED, "free in state", tcb.state());
        tcb.stateRelease(TcpState.FREE);
        tcb.generation((tcb.generation() + 1) & 0xFF_FFFF);
        freeIndexes.add(tcb.index());
    }

    @Override
    public void commitState(Tcb tcb, int state) {
        check(TcpState.isAllowed(shadow(tcb).state, state), "transition to", state);
        shadow(tcb).state = state;
        tcb.stateRelease(state);
    }

    @Override
    public void commitRcvPosition(Tcb tcb, long position) {
        Shadow shadow = shadow(tcb);
        check(position > shadow.rcvPosition, "rcvPosition does not advance", position);
        check(position <= shadow.published, "rcvPosition before its completions", position);
        check(position <= shadow.rcvEdge, "rcvPosition beyond rcvEdge", position);
        shadow.rcvPosition = position;
        tcb.rcvPositionRelease(position);
    }

    @Override
    public void commitRcvEdge(Tcb tcb, long position) {
        check(position > shadow(tcb).rcvEdge, "rcvEdge does not advance", position);
        shadow(tcb).rcvEdge = position;
        tcb.rcvEdgeRelease(position);
    }

    @Override
    public void commitSndMax(Tcb tcb, long position) {
        check(position >= shadow(tcb).sndMax, "sndMax goes back", position);
        shadow(tcb).sndMax = position;
        tcb.sndMaxRelease(position);
    }

    @Override
    public void commitSndUna(Tcb tcb, long position) {
        check(position >= shadow(tcb).sndUna, "sndUna goes back", position);
        check(position <= shadow(tcb).sndMax, "sndUna beyond sndMax", position);
        shadow(tcb).sndUna = position;
        tcb.sndUnaRelease(position);
    }

    @Override
    public void commitFinSent(Tcb tcb, long position) {
        check(shadow(tcb).finSent < 0 || shadow(tcb).finSent == position, "the FIN moves", position);
        shadow(tcb).finSent = position;
        tcb.finSentRelease(position);
    }

    @Override
    public void commitFinReceived(Tcb tcb, long position) {
        Shadow shadow = shadow(tcb);
        check(shadow.finReceived < 0, "a second FIN", position);
        check(shadow.rcvPosition == position, "a FIN before its bytes", position);
        check(shadow.endOfStreamPublished, "a FIN before its completion", position);
        shadow.finReceived = position;
        tcb.finReceivedRelease(position);
    }

    @Override
    public void commitEnding(Tcb tcb, int flags) {
        check(((tcb.flags() ^ flags) & ~(TcbFlags.SHUTDOWN | TcbFlags.CLOSED | TcbFlags.CORKED)) == 0, "flags", flags);
        tcb.flagsRelease(flags);
    }

    @Override
    public void commitTimestampOffset(Tcb tcb, int offset) {
        tcb.tsOffsetRelease(offset);
    }

    static void check(boolean condition, String what, long value) {
        if (!condition) {
            throw new AssertionError(what + ": " + value);
        }
    }
}
