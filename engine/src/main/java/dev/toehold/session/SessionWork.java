package dev.toehold.session;

import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.placement.ReceiveBindings;

/** What an lcore does for one session in a pass, each bounded: takes submissions and buffers, serves those who wait, completes. */
final class SessionWork {
    private static final int SUBMISSIONS_PER_PASS = 64;

    /** Many: windows can follow what is consumed only when the buffers are back. */
    private static final int BUFFERS_PER_PASS = 1024;

    private static final int QUIET_PER_PASS = 64;
    private static final int GRANTS_PER_PASS = 64;

    private final ConnectionTable table;
    private final Lifecycle lifecycle;
    private final Verbs verbs;
    private final SessionEnds ends;
    private final QuietBuffers quiet;
    private final SessionCounters counters;
    private final Submission submission = new Submission();

    SessionWork(
            ConnectionTable table,
            Lifecycle lifecycle,
            Verbs verbs,
            SessionEnds ends,
            QuietBuffers quiet,
            SessionCounters counters) {
        this.table = table;
        this.lifecycle = lifecycle;
        this.verbs = verbs;
        this.ends = ends;
        this.quiet = quiet;
        this.counters = counters;
    }

    /** Takes what the client lent and submitted, a bounded number of each. */
    int poll(LcoreSession session, long nowNs) {
        EngineQueuePair queuePair = session.queuePair;
        if (!queuePair.refresh()) {
            counters.badIndexes++;
            ends.fail(session, ResultCode.BAD_INDEX);
            return 1;
        }
        if (!session.rings.isBearable(queuePair.hasMoved(), nowNs)) {
            counters.doorbellFloods++;
            ends.fail(session, ResultCode.LIMIT);
            return 1;
        }
        int buffers = takeBuffers(session, session.submissions.available(BUFFERS_PER_PASS, nowNs), nowNs);
        session.submissions.take(buffers, nowNs);
        int most = session.submissions.available(SUBMISSIONS_PER_PASS, nowNs);
        int taken = 0;
        while (taken < most && queuePair.hasSubmission()) {
            queuePair.read(submission);
            if (!session.hasSlotFor(submission)) {
                break;
            }
            queuePair.take();
            verbs.execute(session, submission, nowNs);
            taken++;
        }
        session.submissions.take(taken, nowNs);
        noteThrottled(session, taken + buffers > 0, nowNs);
        counters.submissions += taken;
        counters.buffersLent += buffers;
        if (taken + buffers > 0) {
            queuePair.releaseTaken();
        }
        if (session.removingRegions > 0) {
            ends.completeRegionRemovals(session);
        }
        return taken + buffers;
    }

    /** @param hasTaken something before the rest had to wait */
    private void noteThrottled(LcoreSession session, boolean hasTaken, long nowNs) {
        EngineQueuePair queuePair = session.queuePair;
        boolean isThrottled = session.submissions.available(1, nowNs) == 0
                && (queuePair.hasSubmission() || queuePair.hasBuffer(session.mayLend()));
        if (isThrottled && (hasTaken || !session.isThrottled)) {
            session.throttledCount++;
            counters.throttled++;
        }
        session.isThrottled = isThrottled;
    }

    private int takeBuffers(LcoreSession session, int most, long nowNs) {
        EngineQueuePair queuePair = session.queuePair;
        int taken = 0;
        while (taken < most && queuePair.hasBuffer(session.mayLend())) {
            long entry = queuePair.takeBuffer();
            int id = (int) entry;
            int group = (int) (entry >>> 32) & 0xffff;
            if (entry >>> 48 != 0 || !session.groups.lend(group, id)) {
                counters.refused++;
                queuePair.complete(
                        true, Op.PROVIDED, 0, 0, 0, ResultCode.INVALID, CompletionFlag.BUFFER, id, 0, 0, group, 0, 0);
            } else if (session.groups.release(group, id) instanceof Connection connection) {
                lifecycle.watchQuiet(connection, nowNs);
            }
            taken++;
        }
        return taken;
    }

    /** Lets those who wait for the pool have what there is of it, in turns. */
    int serveWaiting(LcoreSession session, long nowNs) {
        int served = 0;
        while (served < GRANTS_PER_PASS) {
            Connection connection = session.credit.pollServable(nowNs);
            if (connection == null) {
                break;
            }
            served++;
            boolean isStarved = connection.is(Connection.STARVED);
            connection.clear(Connection.STARVED);
            if (connection.owner == null) {
                table.recycle(connection);
            } else if (!connection.is(
                    Connection.CONNECTING | Connection.TERMINATED | Connection.CLOSED | Connection.FREED)) {
                lifecycle.grant(connection, isStarved, nowNs);
            }
        }
        return served;
    }

    /**
     * Does what is due for the session's connections. One that lacks a completion slot waits for it, in order, and does not keep those
     * behind it waiting, who may hold theirs; what it cannot tell its client is not acknowledged to its peer.
     */
    void settle(LcoreSession session, long nowNs) {
        settleSlotless(session, nowNs);
        for (Connection connection = session.dequeue(); connection != null; connection = session.dequeue()) {
            if (connection.owner != null && !lifecycle.settle(connection, nowNs)) {
                session.awaitSlot(connection);
                lifecycle.holdCommit(connection);
            } else {
                finish(connection);
            }
        }
        settleSlotless(session, nowNs);
    }

    /** Those who wait for a slot, up to the first that must wait longer. */
    private void settleSlotless(LcoreSession session, long nowNs) {
        Connection connection = session.slotless.first();
        while (connection != null && (connection.owner == null || lifecycle.settle(connection, nowNs))) {
            session.takeSlotless();
            if (connection.owner != null) {
                lifecycle.releaseCommit(connection);
            }
            finish(connection);
            connection = session.slotless.first();
        }
    }

    private void finish(Connection connection) {
        if (connection.owner == null) {
            table.recycle(connection);
        } else if (connection.is(Connection.FREED)) {
            lifecycle.release(connection);
        }
    }

    /** Gives back the partly filled buffers of connections that have been quiet. */
    int unbindQuiet(long nowNs) {
        int done = 0;
        while (done < QUIET_PER_PASS) {
            Connection connection = quiet.poll(nowNs);
            if (connection == null) {
                break;
            }
            done++;
            if (connection.owner == null) {
                table.recycle(connection);
            } else if (!connection.is(Connection.CLOSED | Connection.TERMINATED | Connection.FREED)
                    && connection.owner.receive.isHoldingPartlyFilled(connection, connection.rcvNxt)) {
                lifecycle.deliver(connection, ReceiveBindings.UNBIND);
            }
        }
        return done;
    }
}
