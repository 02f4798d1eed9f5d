package dev.toehold.stack;

import dev.toehold.abi.Handle;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbStore;
import dev.toehold.tcp.TcpState;
import java.lang.invoke.VarHandle;

/**
 * One lcore's range of TCB records in the state file: allocation, and the commits of {@link TcbStore} as release stores. Not
 * thread-safe; other threads read the records (state first, with acquire) and never write them.
 *
 * <p>Indexes are reused first-in first-out. A record never used is preferred while fewer than {@link #QUARANTINE} freed ones wait,
 * so that few connections keep to little of the sparse file and a freed index still rests before it comes back.
 */
public final class MappedTcbStore implements TcbStore {
    public static final int NONE = -1;

    /** Freed records that rest before the oldest is used again, as long as there are fresh ones. */
    static final int QUARANTINE = 1024;

    private final StateFile file;
    private final int lcore;
    private final int first;
    private final int capacity;
    private final int[] freed;
    private int freedHead;
    private int freedCount;
    private int highWater;

    public MappedTcbStore(StateFile file, int lcore) {
        this.file = file;
        this.lcore = lcore;
        first = StateFileDescriptor.firstTcb(file.maxConnections(), file.lcoreCount(), lcore);
        capacity = StateFileDescriptor.firstTcb(file.maxConnections(), file.lcoreCount(), lcore + 1) - first;
        freed = new int[capacity];
        highWater = file.highWater(lcore);
        Tcb tcb = new Tcb(file.tcbs());
        for (int i = 0; i < highWater; i++) {
            tcb.wrap(first + i);
            if (tcb.stateAcquire() == TcpState.FREE) {
                // The engine before may have stored FREE and died before it bumped the generation.
                tcb.generation(Handle.nextGeneration(tcb.generation()));
                freed[freedCount++] = first + i;
            }
        }
    }

    /** First index of this lcore's range. */
    public int first() {
        return first;
    }

    /** Records of this lcore's range. */
    public int capacity() {
        return capacity;
    }

    /** Records in use. */
    public int liveCount() {
        return highWater - freedCount;
    }

    /** Records that were ever used: all others are untouched. */
    public int highWater() {
        return highWater;
    }

    /**
     * Takes a record and moves {@code tcb} to it, initialised, in state FREE until {@link #publish}. Give it back by {@link #free}.
     *
     * @return its index, or {@link #NONE} if all are in use
     */
    public int allocate(Tcb tcb) {
        int index;
        if (highWater < capacity && freedCount < QUARANTINE) {
            index = first + highWater;
            highWater++;
            file.highWaterRelease(lcore, highWater);
        } else if (freedCount > 0) {
            index = freed[freedHead];
            freedHead = freedHead + 1 == capacity ? 0 : freedHead + 1;
            freedCount--;
        } else {
            return NONE;
        }
        tcb.wrap(index);
        tcb.index(index);
        if (tcb.generation() == 0) {
            tcb.generation(1);
        }
        tcb.initialize();
        tcb.lcore(lcore);
        return index;
    }

    /** The record that a handle names, or false if the handle is of another lcore, out of range or stale. */
    public boolean wrap(Tcb tcb, long handle) {
        int index = Handle.index(handle);
        if (Handle.lcore(handle) != lcore || index < first || index - first >= highWater) {
            return false;
        }
        tcb.wrap(index);
        return tcb.state() != TcpState.FREE && tcb.generation() == Handle.generation(handle);
    }

    @Override
    public void publish(Tcb tcb, int state) {
        tcb.stateRelease(state);
    }

    @Override
    public void free(Tcb tcb) {
        tcb.stateRelease(TcpState.FREE);
        // Whoever sees the new generation sees FREE: a handle is never valid for a record that is being given away.
        VarHandle.releaseFence();
        tcb.generation(Handle.nextGeneration(tcb.generation()));
        int tail = freedHead + freedCount;
        freed[tail >= capacity ? tail - capacity : tail] = tcb.index();
        freedCount++;
    }

    @Override
    public void commitState(Tcb tcb, int state) {
        tcb.stateRelease(state);
    }

    @Override
    public void commitRcvPosition(Tcb tcb, long position) {
        tcb.rcvPositionRelease(position);
    }

    @Override
    public void commitRcvEdge(Tcb tcb, long position) {
        tcb.rcvEdgeRelease(position);
    }

    @Override
    public void commitSndMax(Tcb tcb, long position) {
        tcb.sndMaxRelease(position);
    }

    @Override
    public void commitSndUna(Tcb tcb, long position) {
        tcb.sndUnaRelease(position);
    }

    @Override
    public void commitFinSent(Tcb tcb, long position) {
        tcb.finSentRelease(position);
    }

    @Override
    public void commitFinReceived(Tcb tcb, long position) {
        tcb.finReceivedRelease(position);
    }

    @Override
    public void commitEnding(Tcb tcb, int flags) {
        tcb.flagsRelease(flags);
    }

    @Override
    public void commitTimestampOffset(Tcb tcb, int offset) {
        tcb.tsOffsetRelease(offset);
    }
}
