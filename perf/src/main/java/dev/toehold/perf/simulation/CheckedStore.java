package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.stack.LcoreStack;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbStore;
import dev.toehold.tcp.TcpState;

/** Refuses commits that the crash table forbids, then commits. */
final class CheckedStore implements TcbStore {
    private final CheckedCore checked;
    private final TcbStore own;

    CheckedStore(CheckedCore checked, TcbStore own) {
        this.checked = checked;
        this.own = own;
    }

    private CommitRecord record(Tcb tcb) {
        // A record is filled in before it is published.
        return tcb.state() == TcpState.FREE ? checked.begin(tcb.index()) : checked.record(tcb.index());
    }

    @Override
    public void publish(Tcb tcb, int state) {
        check(tcb.state() == TcpState.FREE, "publish of a record in use", tcb.state());
        check(TcpState.isAllowed(TcpState.FREE, state), "publish in state", state);
        record(tcb).state = state;
        own.publish(tcb, state);
    }

    @Override
    public void free(Tcb tcb) {
        own.free(tcb);
    }

    @Override
    public void commitState(Tcb tcb, int state) {
        check(TcpState.isAllowed(record(tcb).state, state), "transition to", state);
        record(tcb).state = state;
        own.commitState(tcb, state);
    }

    @Override
    public void commitRcvPosition(Tcb tcb, long position) {
        CommitRecord record = record(tcb);
        check(position > record.rcvPosition, "rcvPosition does not advance", position);
        check(position <= record.rcvEdge, "rcvPosition beyond rcvEdge", position);
        check(position <= record.placedPrefix(), "rcvPosition before placement", position);
        long findable = checked.findable(LcoreStack.handle(tcb));
        check(
                position <= findable,
                "rcvPosition before the client can find its bytes, which it can to " + findable,
                position);
        record.rcvPosition = position;
        own.commitRcvPosition(tcb, position);
    }

    @Override
    public void commitRcvEdge(Tcb tcb, long position) {
        check(position > record(tcb).rcvEdge, "rcvEdge does not advance", position);
        record(tcb).rcvEdge = position;
        own.commitRcvEdge(tcb, position);
    }

    @Override
    public void commitSndMax(Tcb tcb, long position) {
        check(position >= record(tcb).sndMax, "sndMax goes back", position);
        record(tcb).sndMax = position;
        own.commitSndMax(tcb, position);
    }

    @Override
    public void commitSndUna(Tcb tcb, long position) {
        CommitRecord record = record(tcb);
        check(position >= record.sndUna, "sndUna goes back", position);
        check(position <= record.sndMax, "sndUna beyond sndMax", position);
        record.sndUna = position;
        own.commitSndUna(tcb, position);
    }

    @Override
    public void commitFinSent(Tcb tcb, long position) {
        CommitRecord record = record(tcb);
        check(record.finSent < 0 || record.finSent == position, "the FIN moves", position);
        record.finSent = position;
        own.commitFinSent(tcb, position);
    }

    @Override
    public void commitFinReceived(Tcb tcb, long position) {
        CommitRecord record = record(tcb);
        check(record.finReceived < 0, "a second FIN", position);
        check(record.rcvPosition == position, "a FIN before its bytes", position);
        record.finReceived = position;
        own.commitFinReceived(tcb, position);
    }

    @Override
    public void commitEnding(Tcb tcb, int flags) {
        own.commitEnding(tcb, flags);
    }

    @Override
    public void commitTimestampOffset(Tcb tcb, int offset) {
        own.commitTimestampOffset(tcb, offset);
    }
}
