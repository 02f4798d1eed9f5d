package dev.toehold.session;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Op;
import dev.toehold.abi.SlotShares;
import dev.toehold.abi.SubmissionFlag;
import dev.toehold.placement.BufferGroup;
import dev.toehold.placement.BufferGroups;
import dev.toehold.placement.Copier;
import dev.toehold.placement.OperationPool;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.placement.ReceiveBindings;
import dev.toehold.placement.Region;
import dev.toehold.placement.RegionTable;
import dev.toehold.placement.SendQueue;
import java.util.Collection;

/**
 * What one lcore holds of one session: its queue pair, its memory, its connections and listeners. Made by the control thread, the
 * lcore's own from the moment it is attached.
 */
public final class LcoreSession {
    private static final int NOTHING = -1;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long BURST_NS = SECOND_NS / 10;

    final Session session;
    final EngineQueuePair queuePair;
    final RegionTable regions = new RegionTable();
    final BufferGroups groups = new BufferGroups();
    final ReceiveCredit credit = new ReceiveCredit(groups);
    final OperationPool pool;
    final ReceiveBindings receive;
    final SendQueue send;

    /** Of submissions and lent buffers. */
    final Rate submissions;

    final DoorbellRings rings = new DoorbellRings();

    final int maxLent;

    Connection firstConnection;
    Connection endCursor;
    final WorkList work = new WorkList();
    final WorkList slotless = new WorkList();
    Listener firstListener;
    int connectionCount;
    int listenerCount;

    /** A LINKED SEND of this handle was refused: so are those linked behind it. 0 = none. */
    long brokenChain;

    /** It ends here: nothing is taken any more. */
    boolean isEnding;

    /** Its memory cannot be touched any more. */
    boolean isFaulted;

    /** What the next submission in the ring is if it waits for a slot, and whether it needs two. */
    private int stalledOp = NOTHING;

    private boolean isStalledEarly;

    /** There is something to take, for which the rate has no room yet. */
    boolean isThrottled;

    /** LISTENs and CONNECTs that the policy does not allow, and those beyond the quota. Written by the lcore alone. */
    int deniedCount;

    /** Times that the rate of submissions made it wait. */
    int throttledCount;

    /** Something was published since the client was last looked at. */
    boolean isWakeupDue;

    /** Of the completions that are not published: those of bulk, for which the client need not be woken at once. */
    long patientCompletions;

    /** All that was published since the client was last looked at are such. */
    boolean isPatient;

    boolean isPublishedInPass;
    int patientPasses;

    /** Told when nothing of the session is left on this lcore. */
    Runnable onQuiescent;

    /** Told when nothing refers to a region that is being removed. */
    final Runnable[] onRegionIdle = new Runnable[Abi.MAX_REGIONS];

    int removingRegions;

    /**
     * @param counters the lcore's
     * @param copier the lcore's
     * @param regions registered so far
     */
    LcoreSession(
            Session session,
            EngineQueuePair queuePair,
            PlacementCounters counters,
            Copier copier,
            Collection<Region> regions) {
        this.session = session;
        this.queuePair = queuePair;
        this.submissions = new Rate(session.limits().submissionsPerSecond(), BURST_NS);
        this.maxLent = Math.min(queuePair.maxLent(), session.limits().maxLentBuffers());
        this.pool = new OperationPool(queuePair.cqEntries());
        this.receive = new ReceiveBindings(pool, this.regions, groups, queuePair, counters, copier);
        this.send = new SendQueue(pool, this.regions, queuePair, counters);
        regions.forEach(this.regions::add);
    }

    /** A group as this lcore needs it: lent buffers are counted per lcore. */
    public BufferGroup newGroup(int id, int region, long base, int bufferSize, int count) {
        return new BufferGroup(id, region, base, bufferSize, count, maxLent);
    }

    /** Before the lcore has it; afterwards {@link LcoreSessions#addGroup}. */
    public void addGroup(BufferGroup group) {
        groups.add(group);
    }

    public Session session() {
        return session;
    }

    int mayLend() {
        return maxLent - groups.lentCount();
    }

    /** Whether the lcore may sleep as far as this session goes: there is nothing to take, or nothing yet. */
    boolean isQuiet() {
        return queuePair.isUnmoved()
                && (isThrottled || ((isStalled() || !queuePair.hasSubmission()) && !queuePair.hasBuffer(mayLend())));
    }

    /** Whether there is a slot for this submission, the next one in the ring, that belongs to no other kind of work. */
    boolean hasSlotFor(Submission submission) {
        boolean isEarly = (submission.flags & SubmissionFlag.EARLY) != 0;
        stalledOp = hasSlotFor(submission.op, isEarly) ? NOTHING : submission.op;
        isStalledEarly = isEarly;
        return stalledOp == NOTHING;
    }

    private boolean isStalled() {
        return stalledOp != NOTHING && !hasSlotFor(stalledOp, isStalledEarly);
    }

    private boolean hasSlotFor(int op, boolean isEarly) {
        if (op != Op.SEND && op != Op.RECEIVE) {
            return true;
        }
        int others = op == Op.RECEIVE ? send.heldSlots() : pool.capacity() - pool.freeCount() - send.count();
        int slots = op == Op.SEND && isEarly ? 2 : 1;
        int buffersToCome = Math.max(0, Math.min(maxLent, groups.count()) - groups.lentCount());
        return queuePair.unpromised() - slots >= SlotShares.leftBy(queuePair.cqEntries(), buffersToCome, others);
    }

    /** When it has work even if its client does nothing; Long.MAX_VALUE = never. */
    long nextDeadlineNs() {
        return isThrottled ? Math.min(submissions.nextNs(), credit.nextDeadlineNs()) : credit.nextDeadlineNs();
    }

    /** Buffers that are lent here. Like the next two: read at once and aside, from whatever thread; for people. */
    public int lentBuffers() {
        return groups.lentCount();
    }

    /** LISTENs and CONNECTs that were refused by policy or quota. */
    public int deniedCount() {
        return deniedCount;
    }

    /** Times that submissions waited for their rate. */
    public int throttledCount() {
        return throttledCount;
    }

    void link(Connection connection) {
        connection.previousOfSession = null;
        connection.nextOfSession = firstConnection;
        if (firstConnection != null) {
            firstConnection.previousOfSession = connection;
        }
        firstConnection = connection;
        connectionCount++;
    }

    void unlink(Connection connection) {
        Connection next = connection.nextOfSession;
        Connection previous = connection.previousOfSession;
        if (endCursor == connection) {
            endCursor = next;
        }
        if (previous == null) {
            firstConnection = next;
        } else {
            previous.nextOfSession = next;
        }
        if (next != null) {
            next.previousOfSession = previous;
        }
        connection.nextOfSession = null;
        connection.previousOfSession = null;
        connectionCount--;
    }

    /** Puts a connection on the list of work, unless it is on that or waits for a slot. */
    void queue(Connection connection) {
        if (!connection.is(Connection.QUEUED | Connection.SLOTLESS)) {
            connection.set(Connection.QUEUED);
            work.add(connection);
        }
    }

    /** The first connection on the list of work, taken off it; null = none. */
    Connection dequeue() {
        Connection first = work.poll();
        if (first != null) {
            first.clear(Connection.QUEUED);
        }
        return first;
    }

    /** Makes a connection that is on no list wait for a completion slot. */
    void awaitSlot(Connection connection) {
        connection.set(Connection.SLOTLESS);
        slotless.add(connection);
    }

    /** The first of those that wait for a slot has got it. */
    void takeSlotless() {
        slotless.poll().clear(Connection.SLOTLESS);
    }

    boolean hasWork() {
        return work.first() != null || slotless.first() != null;
    }

    /** A listener that this session opened on this lcore. */
    static final class Listener {
        int listenerIndex;
        int credit;
        long handle;
        long userData;
        LcoreSession owner;
        Listener next;
    }
}
