package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbFlags;
import dev.toehold.tcp.TcbLayout;
import dev.toehold.tcp.TcbStore;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.MemorySegment;

/** One record in plain memory; refuses commits that go back or promise what is not there. */
final class FuzzStore implements TcbStore {
    final MemorySegment records = MemorySegment.ofArray(new long[TcbLayout.LENGTH / Long.BYTES]);

    /** End of the bytes whose completions the host has published. */
    long published;

    boolean endPublished;
    private boolean isFree = true;

    boolean isFree() {
        return isFree;
    }

    void allocate(Tcb tcb) {
        check(isFree, "allocated twice", tcb.state());
        tcb.wrap(0).initialize();
        isFree = false;
        published = 0;
        endPublished = false;
        tcb.sndMaxRelease(-1);
        tcb.sndUnaRelease(-1);
    }

    @Override
    public void publish(Tcb tcb, int state) {
        check(tcb.state() == TcpState.FREE, "publish of a record in use", tcb.state());
        tcb.stateRelease(state);
    }

    @Override
    public void free(Tcb tcb) {
        check(tcb.state() == TcpState.CLOSED, "free in state", tcb.state());
        tcb.stateRelease(TcpState.FREE);
        isFree = true;
    }

    @Override
    public void commitState(Tcb tcb, int state) {
        tcb.stateRelease(state);
    }

    @Override
    public void commitRcvPosition(Tcb tcb, long position) {
        check(position > tcb.rcvPosition(), "rcvPosition does not advance", position);
        check(position <= published, "rcvPosition before its completions", position);
        check(position <= tcb.rcvEdge(), "rcvPosition beyond rcvEdge", position);
        tcb.rcvPositionRelease(position);
    }

    @Override
    public void commitRcvEdge(Tcb tcb, long position) {
        check(position > tcb.rcvEdge(), "rcvEdge does not advance", position);
        tcb.rcvEdgeRelease(position);
    }

    @Override
    public void commitSndMax(Tcb tcb, long position) {
        check(position >= tcb.sndMax(), "sndMax goes back", position);
        tcb.sndMaxRelease(position);
    }

    @Override
    public void commitSndUna(Tcb tcb, long position) {
        check(position >= tcb.sndUna(), "sndUna goes back", position);
        check(position <= tcb.sndMax(), "sndUna beyond sndMax", position);
        tcb.sndUnaRelease(position);
    }

    @Override
    public void commitFinSent(Tcb tcb, long position) {
        check(tcb.finSent() < 0 || tcb.finSent() == position, "the FIN moves", position);
        tcb.finSentRelease(position);
    }

    @Override
    public void commitFinReceived(Tcb tcb, long position) {
        check(tcb.finReceived() < 0, "a second FIN", position);
        check(tcb.rcvPosition() == position, "a FIN before its bytes", position);
        check(endPublished, "a FIN before its completion", position);
        tcb.finReceivedRelease(position);
    }

    @Override
    public void commitEnding(Tcb tcb, int flags) {
        int may = TcbFlags.SHUTDOWN | TcbFlags.CLOSED | TcbFlags.CORKED;
        check(((tcb.flags() ^ flags) & ~may) == 0, "other flags than the ends", flags);
        tcb.flagsRelease(flags);
    }

    @Override
    public void commitTimestampOffset(Tcb tcb, int offset) {
        tcb.tsOffsetRelease(offset);
    }
}
