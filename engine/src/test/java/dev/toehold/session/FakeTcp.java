package dev.toehold.session;

import dev.toehold.abi.Handle;
import dev.toehold.abi.ResultCode;
import dev.toehold.stack.ConnectionHandler;
import dev.toehold.stack.Resumption;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbLayout;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** A stack without a network: the test plays the peer. Keeps what TCP would keep: which bytes came, what the window allows. */
final class FakeTcp implements TcpCommands {
    static final int LCORE = 3;

    final int capacity;
    final int firstListener;
    final Tcb callbackTcb;
    final BitSet[] received;
    final long[] edge;
    final boolean[] closed;
    final boolean[] isHeld;
    final int[] nextGeneration;
    ConnectionHandler handler;
    int listening;
    int closedListeners;
    int aborts;
    long lastSubmitted;
    boolean lastMore;
    long lastBufferLength;
    int grants;
    int parts;
    int lastLocalAddress;
    int atOnce;
    int refusedResumes;
    int finishedResumes;
    long waitingListener;
    final boolean[] waiting;

    private final MemorySegment records;
    private final Tcb commandTcb;
    private final Tcb resumable;

    FakeTcp(Arena arena, int capacity) {
        this.capacity = capacity;
        firstListener = capacity;
        records = arena.allocate((long) capacity * TcbLayout.LENGTH, 64);
        callbackTcb = new Tcb(records);
        commandTcb = new Tcb(records);
        resumable = new Tcb(records);
        waiting = new boolean[capacity];
        received = new BitSet[capacity];
        edge = new long[capacity];
        closed = new boolean[capacity];
        isHeld = new boolean[capacity];
        nextGeneration = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            nextGeneration[i] = 1;
        }
    }

    /** A record in ESTABLISHED, or SYN-SENT, that nobody knows yet. Returns its index, or -1. */
    int allocate(int sessionId, long userData, int state) {
        for (int index = 0; index < capacity; index++) {
            Tcb tcb = commandTcb.wrap(index);
            if (tcb.state() == TcpState.FREE) {
                tcb.index(index);
                tcb.generation(nextGeneration[index]);
                tcb.initialize();
                tcb.lcore(LCORE);
                tcb.sessionId(sessionId);
                tcb.userData(userData);
                tcb.remotePort(40_000 + index);
                tcb.localPort(80);
                tcb.remoteLow(0x0a00_0001L + index);
                tcb.stateRelease(state);
                received[index] = new BitSet();
                edge[index] = 0;
                closed[index] = false;
                isHeld[index] = false;
                return index;
            }
        }
        return -1;
    }

    long accept(int sessionId, int listenerIndex, long userData) {
        if (!handler.admits(listenerIndex)) {
            return 0;
        }
        return acceptAdmitted(sessionId, listenerIndex, userData);
    }

    /** The handshake of a SYN that was admitted earlier ends. */
    long acceptAdmitted(int sessionId, int listenerIndex, long userData) {
        int index = allocate(sessionId, userData, TcpState.ESTABLISHED);
        if (index < 0) {
            return 0;
        }
        Tcb tcb = callbackTcb.wrap(index);
        tcb.listenerIndex(listenerIndex);
        edge[index] = handler.initialCredit(sessionId);
        tcb.rcvGrant(edge[index]);
        tcb.rcvEdgeRelease(edge[index]);
        handler.onAccepted(tcb);
        return Handle.of(LCORE, tcb.generation(), index);
    }

    boolean isLive(int index) {
        return commandTcb.wrap(index).state() != TcpState.FREE;
    }

    long handle(int index) {
        return Handle.of(LCORE, commandTcb.wrap(index).generation(), index);
    }

    long rcvNxt(int index) {
        return commandTcb.wrap(index).rcvNxt();
    }

    /** A segment comes. Returns how much of it was placed. */
    int segment(int index, long position, byte[] bytes, int length, boolean push) {
        Tcb tcb = callbackTcb.wrap(index);
        int placed = handler.place(tcb, position, MemorySegment.ofArray(bytes), 0, length);
        received[index].set((int) position, (int) position + placed);
        int contiguous = received[index].nextClearBit(0);
        if (contiguous > tcb.rcvNxt()) {
            tcb.rcvNxt(contiguous);
            handler.onDelivered(tcb, push);
        }
        return placed;
    }

    void urgent(int index, long end) {
        handler.onUrgent(callbackTcb.wrap(index), end);
    }

    void fin(int index) {
        handler.onEndOfStream(callbackTcb.wrap(index));
    }

    void acknowledge(int index, long position, boolean withFin) {
        Tcb tcb = callbackTcb.wrap(index);
        tcb.sndUnaRelease(withFin ? tcb.submitted() + 1 : position);
        handler.onAcknowledged(tcb);
    }

    void die(int index, int resultCode) {
        Tcb tcb = callbackTcb.wrap(index);
        handler.onTerminated(tcb, resultCode);
        free(index);
    }

    void free(int index) {
        Tcb tcb = callbackTcb.wrap(index);
        handler.onFreed(tcb);
        nextGeneration[index] = Handle.nextGeneration(tcb.generation());
        tcb.stateRelease(TcpState.FREE);
    }

    @Override
    public Tcb tcb(int index) {
        return commandTcb.wrap(index);
    }

    @Override
    public int connect(
            int sessionId,
            long userData,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int localAddress,
            int localPort,
            long timeoutNs,
            long nowNs) {
        lastLocalAddress = localAddress;
        int index = allocate(sessionId, userData, TcpState.SYN_SENT);
        return index < 0 ? ResultCode.LIMIT : index;
    }

    @Override
    public int listen(int sessionId, long userData, long localHigh, long localLow, int localPort, int backlog) {
        return listening >= 8 ? ResultCode.LIMIT : firstListener + listening++;
    }

    @Override
    public long listenerHandle(int listenerIndex) {
        return Handle.of(LCORE, 1, listenerIndex);
    }

    @Override
    public void closeListener(int listenerIndex, long nowNs) {
        closedListeners++;
    }

    @Override
    public int findResumable(long handle, int sessionId) {
        int index = Handle.index(handle);
        Tcb tcb = resumable.wrap(Math.floorMod(index, capacity));
        boolean isWaiting = index >= 0 && index < capacity && waiting[index] && tcb.sessionId() == sessionId;
        return isWaiting && handle == Handle.of(LCORE, tcb.generation(), index) ? Resumption.WAITING : ResultCode.STALE;
    }

    @Override
    public Tcb resumable() {
        return resumable;
    }

    @Override
    public void resume(Tcb tcb, long rcvPosition, long nowNs) {
        waiting[tcb.index()] = false;
        tcb.rcvNxt(rcvPosition);
        tcb.rcvPositionRelease(rcvPosition);
        received[tcb.index()] = new BitSet();
        received[tcb.index()].set(0, (int) rcvPosition);
    }

    @Override
    public void refuseResume(Tcb tcb, long nowNs) {
        waiting[tcb.index()] = false;
        refusedResumes++;
        tcb.stateRelease(TcpState.FREE);
    }

    @Override
    public Resumption.Listener resumeListener(long handle, int sessionId, long nowNs) {
        return handle == waitingListener ? new Resumption.Listener(Handle.index(handle), 77, 0, 0, 80, 4) : null;
    }

    @Override
    public void finishResume(int sessionId, boolean isBack, long nowNs) {
        finishedResumes++;
    }

    @Override
    public void send(Tcb tcb, long submittedEnd, boolean more, long nowNs) {
        tcb.submitted(submittedEnd);
        lastSubmitted = submittedEnd;
        lastMore = more;
    }

    @Override
    public void grantWindow(Tcb tcb, long newEdge, long bufferLength, long nowNs) {
        if (tcb.state() == TcpState.FREE) {
            throw new AssertionError("grant for a free record, index=" + tcb.index());
        }
        if (newEdge < edge[tcb.index()]) {
            throw new AssertionError("retracted to " + newEdge + " from " + edge[tcb.index()]);
        }
        grants++;
        edge[tcb.index()] = newEdge;
        lastBufferLength = bufferLength;
        tcb.rcvEdgeRelease(newEdge);
    }

    @Override
    public void holdCommit(Tcb tcb) {
        isHeld[tcb.index()] = true;
    }

    @Override
    public void commitPart(Tcb tcb) {
        parts++;
    }

    @Override
    public void acknowledgeAtOnce(Tcb tcb) {
        atOnce++;
    }

    @Override
    public void releaseCommit(Tcb tcb) {
        isHeld[tcb.index()] = false;
    }

    @Override
    public void flush(Tcb tcb, long nowNs) {}

    @Override
    public void forgetOutOfOrder(Tcb tcb) {
        received[tcb.index()].clear((int) tcb.rcvNxt(), Integer.MAX_VALUE);
    }

    @Override
    public void shutdown(Tcb tcb, long nowNs) {
        tcb.finSentRelease(tcb.submitted());
    }

    @Override
    public void close(Tcb tcb, long nowNs) {
        closed[tcb.index()] = true;
        if (tcb.state() == TcpState.SYN_SENT) {
            abort(tcb, nowNs);
        } else {
            tcb.finSentRelease(tcb.submitted());
        }
    }

    @Override
    public void abort(Tcb tcb, long nowNs) {
        aborts++;
        die(tcb.index(), ResultCode.RESET);
    }

    @Override
    public void noDelay(Tcb tcb, boolean on, long nowNs) {}

    @Override
    public void keepAlive(Tcb tcb, long intervalNs, long nowNs) {}

    @Override
    public void userTimeout(Tcb tcb, long timeoutNs, long nowNs) {}
}
