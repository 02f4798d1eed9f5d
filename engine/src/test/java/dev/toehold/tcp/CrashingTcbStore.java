package dev.toehold.tcp;

import java.util.Map;
import java.util.TreeMap;

/** A checking store whose engine can end before or after any commit, and at the other steps of a burst that tell it by {@link #step}. */
final class CrashingTcbStore implements TcbStore {
    /** The engine is gone: nothing of it but the records is left. */
    static final class Crash extends Error {
        Crash(String where) {
            super(where, null, false, false);
        }
    }

    final CheckingTcbStore checked = new CheckingTcbStore(4);
    private final Map<String, Integer> crashes = new TreeMap<>();
    private String place = "";
    private int stepsLeft = Integer.MAX_VALUE;

    /** Ends the engine in so many steps from now: of those at {@code where}, or of all if that is empty. */
    void crashIn(int steps, String where) {
        stepsLeft = steps;
        place = where;
    }

    void step(String where) {
        if (!place.isEmpty() && !place.equals(where)) {
            return;
        }
        stepsLeft--;
        if (stepsLeft == 0) {
            stepsLeft = Integer.MAX_VALUE;
            crashes.merge(where, 1, Integer::sum);
            throw new Crash(where);
        }
    }

    /** How often the engine ended where. */
    Map<String, Integer> crashes() {
        return crashes;
    }

    private void commit(String name, Runnable write) {
        step("before " + name);
        write.run();
        step("after " + name);
    }

    @Override
    public void publish(Tcb tcb, int state) {
        commit("publish", () -> checked.publish(tcb, state));
    }

    @Override
    public void free(Tcb tcb) {
        commit("free", () -> checked.free(tcb));
    }

    @Override
    public void commitState(Tcb tcb, int state) {
        commit("state", () -> checked.commitState(tcb, state));
    }

    @Override
    public void commitRcvPosition(Tcb tcb, long position) {
        commit("rcvPosition", () -> checked.commitRcvPosition(tcb, position));
    }

    @Override
    public void commitRcvEdge(Tcb tcb, long position) {
        commit("rcvEdge", () -> checked.commitRcvEdge(tcb, position));
    }

    @Override
    public void commitSndMax(Tcb tcb, long position) {
        commit("sndMax", () -> checked.commitSndMax(tcb, position));
    }

    @Override
    public void commitSndUna(Tcb tcb, long position) {
        commit("sndUna", () -> checked.commitSndUna(tcb, position));
    }

    @Override
    public void commitFinSent(Tcb tcb, long position) {
        commit("finSent", () -> checked.commitFinSent(tcb, position));
    }

    @Override
    public void commitFinReceived(Tcb tcb, long position) {
        commit("finReceived", () -> checked.commitFinReceived(tcb, position));
    }

    @Override
    public void commitEnding(Tcb tcb, int flags) {
        commit("ending", () -> checked.commitEnding(tcb, flags));
    }

    @Override
    public void commitTimestampOffset(Tcb tcb, int offset) {
        checked.commitTimestampOffset(tcb, offset);
    }
}
