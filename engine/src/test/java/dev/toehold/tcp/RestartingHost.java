package dev.toehold.tcp;

import static dev.toehold.tcp.CheckingTcbStore.check;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.Tcp;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One end of a connection whose engine dies at any step and is followed by another that has nothing but the records, while the
 * application and its memory live on: what was placed and published, what was submitted and when its completion came.
 */
final class RestartingHost implements TcpEffects {
    private static final long MAX_DOWN_NS = 400_000_000;
    private static final int MAX_STEPS_OF_A_LIFE = 400;
    private static final String[] RARE_COMMITS = {
        "publish", "state", "sndUna", "finSent", "finReceived", "ending", "free"
    };

    /** What both ends of the connection send, and how often an engine may die. */
    record Plan(long toSend, int receiveBuffer, int writeMax, boolean closes, int deaths) {}

    private final RestartingPair pair;
    private final int side;
    private final TcpConfig config;
    private final Plan plan;
    private final SplittableRandom random;
    private final Segment segment = new Segment();
    final CrashingTcbStore store = new CrashingTcbStore();
    final Tcb tcb = new Tcb(store.checked.records);
    private TcpCore core;

    // The application's memory.
    private final BitSet placed = new BitSet();
    private long delivered;
    private long consumed;
    private long submitted;
    private long acknowledged;
    private boolean knows;
    private boolean knowsEnd;
    private boolean hasEnded;

    // The engine's life.
    private boolean exists;
    private boolean isUp = true;
    private boolean isAtWork;
    private boolean isFreed;
    private long resubmitted;
    private long pendingRcvNxt;
    private boolean pendingEnd;
    private boolean pendingAccept;
    private int deathsLeft;
    private int lastTsVal;
    private boolean hasTsVal;
    private long wireEdge;
    int restarts;
    int reoffered;
    long deadlineNs = Long.MAX_VALUE;
    long applicationNs = Long.MAX_VALUE;
    long engineNs = Long.MAX_VALUE;

    RestartingHost(RestartingPair pair, int side, TcpConfig config, Plan plan, SplittableRandom random) {
        this.pair = pair;
        this.side = side;
        this.config = config;
        this.plan = plan;
        this.random = random;
        deathsLeft = plan.deaths();
        core = new TcpCore(config, store, this, new TcpCounters());
    }

    private void prepare() {
        store.checked.allocate(tcb);
        tcb.iss((int) random.nextLong());
        tcb.family(4);
        tcb.ourMss(1460);
        store.commitTimestampOffset(tcb, (int) random.nextLong());
        tcb.rcvGrant(plan.receiveBuffer());
        tcb.set(TcbFlags.NODELAY);
        exists = true;
        isAtWork = true;
    }

    void connect() {
        prepare();
        core.activeOpen(tcb, pair.nowNs());
    }

    boolean isFinished() {
        return (isFreed || !exists) && isComplete();
    }

    boolean isComplete() {
        return delivered == peer().plan.toSend() && knowsEnd && hasEnded;
    }

    String describe() {
        return ("side=%d complete=%b restarts=%d up=%b atWork=%b freed=%b delivered=%d consumed=%d submitted=%d resubmitted=%d"
                        + " acknowledged=%d knows=%b knowsEnd=%b hasEnded=%b state=%s una=%d nxt=%d max=%d tcbSubmitted=%d wnd=%d"
                        + " rcvPosition=%d edge=%d grant=%d flags=%x fin=%d/%d crashes=%s")
                .formatted(
                        side,
                        isComplete(),
                        restarts,
                        isUp,
                        isAtWork,
                        isFreed,
                        delivered,
                        consumed,
                        submitted,
                        resubmitted,
                        acknowledged,
                        knows,
                        knowsEnd,
                        hasEnded,
                        TcpState.name(tcb.state()),
                        tcb.sndUna(),
                        tcb.sndNxt(),
                        tcb.sndMax(),
                        tcb.submitted(),
                        tcb.sndWnd(),
                        tcb.rcvPosition(),
                        tcb.rcvEdge(),
                        tcb.rcvGrant(),
                        tcb.flags(),
                        tcb.finSent(),
                        tcb.finReceived(),
                        store.crashes());
    }

    private RestartingHost peer() {
        return pair.host(1 - side);
    }

    /** Runs a step of the engine, which may be its last. */
    private void live(Runnable step) {
        try {
            step.run();
        } catch (CrashingTcbStore.Crash e) {
            isUp = false;
            isAtWork = false;
            deadlineNs = Long.MAX_VALUE;
            applicationNs = Long.MAX_VALUE;
            engineNs = pair.nowNs() + random.nextLong(MAX_DOWN_NS);
        }
    }

    void onBurst(List<byte[]> packets) {
        if (isUp) {
            live(() -> burst(packets));
        }
    }

    private void burst(List<byte[]> packets) {
        boolean isTouched = false;
        for (byte[] packet : packets) {
            if (!SegmentCodec.decode(packet, segment)) {
                continue;
            }
            check(!segment.has(Tcp.RST), "a reset came", side);
            if (exists && !isFreed) {
                if (isAtWork) { // else it is dropped: its application is not back
                    core.onSegment(tcb, segment, pair.nowNs());
                    isTouched = true;
                }
            } else if (!exists && side == 1 && segment.flags == Tcp.SYN) {
                prepare();
                core.passiveOpen(tcb, segment, pair.nowNs());
                isTouched = true;
            } else if (isFreed && !isComplete()) {
                throw new AssertionError("a segment for a connection that is gone too early");
            }
        }
        if (isTouched && !isFreed) {
            endOfBurst();
        }
    }

    /** Completions, then commit and ACK. */
    private void endOfBurst() {
        store.step("before completions");
        publish();
        store.step("after completions");
        core.onBurstEnd(tcb, pair.nowNs());
    }

    private void publish() {
        if (pendingAccept) {
            knows = true;
            pendingAccept = false;
            wakeApplication();
        }
        delivered = Math.max(delivered, pendingRcvNxt);
        knowsEnd |= pendingEnd;
        CheckingTcbStore.Shadow shadow = store.checked.shadow(tcb);
        shadow.published = tcb.rcvNxt();
        shadow.endOfStreamPublished = knowsEnd;
    }

    void onTimer() {
        deadlineNs = Long.MAX_VALUE;
        live(() -> {
            core.onTimer(tcb, pair.nowNs());
            if (!isFreed) {
                deadlineNs = tcb.nextDeadline();
            }
        });
    }

    /** The next engine starts, or the application finds it. */
    void onEngine() {
        engineNs = Long.MAX_VALUE;
        if (!isUp) {
            isUp = true;
            restarts++;
            armDeath();
            live(this::adopt);
        } else if (!isAtWork) {
            live(this::resume);
        }
    }

    void armDeath() {
        if (deathsLeft-- <= 0) {
            store.crashIn(Integer.MAX_VALUE, "");
        } else if (random.nextBoolean()) {
            store.crashIn(random.nextInt(1, MAX_STEPS_OF_A_LIFE), "");
        } else {
            String when = random.nextBoolean() ? "before " : "after ";
            store.crashIn(random.nextInt(1, 3), when + RARE_COMMITS[random.nextInt(RARE_COMMITS.length)]);
        }
    }

    private void adopt() {
        core = new TcpCore(config, store, this, new TcpCounters());
        pendingRcvNxt = 0;
        pendingEnd = false;
        pendingAccept = false;
        if (!exists || isFreed) {
            return;
        }
        if (tcb.state() == TcpState.FREE) {
            exists = store.checked.freeCount() == 4 && knows; // the SYN of a record that was not published comes again
            isFreed = exists;
            return;
        }
        if (!core.adopt(tcb, pair.nowNs())) {
            isFreed = true;
            return;
        }
        if (TcpCore.needsApplication(tcb)) {
            engineNs = pair.nowNs() + random.nextLong(MAX_DOWN_NS);
        } else {
            isAtWork = true;
            core.proceed(tcb, pair.nowNs());
            acknowledged = Math.max(acknowledged, tcb.acknowledgedPosition());
        }
    }

    private void resume() {
        long nowNs = pair.nowNs();
        isAtWork = true;
        if (tcb.state() == TcpState.SYN_RECEIVED) {
            core.proceed(tcb, nowNs);
            return;
        }
        if (!knows) {
            check(
                    tcb.rcvPosition() == 0 && tcb.sndMax() <= 0,
                    "unknown to its application, yet used",
                    tcb.rcvPosition());
            reoffered++;
            pendingAccept = true;
        }
        check(delivered <= tcb.rcvEdge(), "the application has what was never promised", delivered);
        long position = Math.max(tcb.rcvPosition(), delivered);
        check(placed.nextClearBit(0) >= position, "an acknowledged byte is lost", placed.nextClearBit(0));
        check(submitted >= Math.min(tcb.sndMax(), plan.toSend()), "sent what was not submitted", submitted);
        store.checked.shadow(tcb).published = position;
        pendingRcvNxt = position;
        delivered = position;
        placed.clear((int) position, Integer.MAX_VALUE);
        core.resume(tcb, position, nowNs);
        acknowledged = tcb.acknowledgedPosition();
        resubmitted = acknowledged;
        endOfBurst();
        wakeApplication();
    }

    void onApplication() {
        applicationNs = Long.MAX_VALUE;
        if (isUp && isAtWork && !isFreed && knows) {
            live(this::application);
        }
    }

    private void application() {
        long nowNs = pair.nowNs();
        if (consumed < delivered) {
            consumed += random.nextLong(delivered - consumed) + 1;
        }
        core.grantWindow(tcb, consumed + plan.receiveBuffer(), plan.receiveBuffer(), nowNs);
        if (isFreed) {
            return;
        }
        if (resubmitted < submitted) {
            submit(submitted);
        } else if (submitted < plan.toSend()) {
            submitted = Math.min(plan.toSend(), submitted + random.nextLong(plan.writeMax()) + 1);
            submit(submitted);
        } else if (!tcb.has(TcbFlags.SHUTDOWN) && (!plan.closes() || knowsEnd)) {
            hasEnded = true;
            if (plan.closes()) {
                core.close(tcb, nowNs);
            } else {
                core.shutdown(tcb, nowNs);
            }
        }
        if (isFreed) {
            return;
        }
        boolean hasWork = consumed < delivered
                || resubmitted < plan.toSend()
                || (!tcb.has(TcbFlags.SHUTDOWN) && (!plan.closes() || knowsEnd));
        if (hasWork) {
            wakeApplication();
        }
    }

    /** SENDs are taken one after the other, and segments come in between. */
    private void submit(long limit) {
        resubmitted = Math.max(resubmitted, Math.min(limit, resubmitted + random.nextLong(plan.writeMax()) + 1));
        core.send(tcb, resubmitted, false, pair.nowNs());
    }

    private void wakeApplication() {
        applicationNs = Math.min(applicationNs, pair.nowNs() + random.nextLong(2_000_000) + 1);
    }

    @Override
    public int place(Tcb t, long position, Segment s, int payloadOffset, int length) {
        store.step("before placement");
        check(position + length <= store.checked.shadow(t).rcvEdge, "beyond the promised edge", position + length);
        for (int i = 0; i < length; i++) {
            byte got = s.memory.get(ValueLayout.JAVA_BYTE, s.payloadOffset + payloadOffset + i);
            check(got == StreamContent.at(pair.contentSeed(1 - side), position + i), "wrong byte at", position + i);
            check(!placed.get((int) position + i), "placed twice", position + i);
        }
        placed.set((int) position, (int) position + length);
        store.step("after placement");
        return length;
    }

    @Override
    public void onDelivered(Tcb t, boolean push) {
        pendingRcvNxt = t.rcvNxt();
        wakeApplication();
    }

    @Override
    public void onEndOfStream(Tcb t) {
        check(t.rcvNxt() == peer().plan.toSend(), "short", t.rcvNxt());
        pendingEnd = true;
        wakeApplication();
    }

    @Override
    public void onAcknowledged(Tcb t) {
        check(store.checked.shadow(t).sndUna == t.sndUna(), "SEND completion before its commit", t.sndUna());
        check(
                t.acknowledgedPosition() <= submitted,
                "acknowledged beyond what was submitted",
                t.acknowledgedPosition());
        acknowledged = t.acknowledgedPosition();
    }

    @Override
    public boolean transmit(Tcb t, TxSegment tx) {
        check(!tx.has(Tcp.RST), "a reset leaves", side);
        CheckingTcbStore.Shadow shadow = store.checked.shadow(t);
        if (tx.has(Tcp.ACK)) {
            int committed = t.irs() + 1 + (int) shadow.rcvPosition + (shadow.finReceived >= 0 ? 1 : 0);
            check(tx.ack == committed, "ACK differs from what is committed by", tx.ack - committed);
            if (!tx.has(Tcp.SYN)) {
                long edge = shadow.rcvPosition + ((long) tx.window << t.rcvWscale());
                check(edge <= shadow.rcvEdge, "window beyond the committed edge", edge);
                check(edge > wireEdge - (1L << t.rcvWscale()), "window retracts to", edge);
                wireEdge = Math.max(wireEdge, edge);
            }
        }
        if (tx.timestamps) {
            check(!hasTsVal || SequenceNumber.geq(tx.tsVal, lastTsVal), "TSval goes back", tx.tsVal);
            hasTsVal = true;
            lastTsVal = tx.tsVal;
        }
        int end = tx.seq + tx.payloadLength + (tx.has(Tcp.SYN) ? 1 : 0) + (tx.has(Tcp.FIN) ? 1 : 0);
        check(end - (t.iss() + 1 + (int) shadow.sndMax) <= 0, "transmission before sndMax", end);
        check(!tx.has(Tcp.FIN) || shadow.finSent == plan.toSend(), "FIN at", shadow.finSent);
        if (tx.payloadLength > 0 && tx.payloadPosition + tx.payloadLength > resubmitted) {
            throw new AssertionError("sends bytes whose place it cannot know: " + tx.payloadPosition + "+"
                    + tx.payloadLength + " of " + resubmitted);
        }
        store.step("before transmission");
        pair.send(side, SegmentCodec.encode(tx, pair.contentSeed(side)));
        store.step("after transmission");
        return true;
    }

    @Override
    public void onConnected(Tcb t) {
        knows = true;
        wakeApplication();
        armDeath(); // an unanswered CONNECT is not resumed: the library submits it again
    }

    @Override
    public void onAccepted(Tcb t) {
        pendingAccept = true;
    }

    @Override
    public void onTerminated(Tcb t, int reason) {
        check(reason == ORDERLY, "ended by", reason);
    }

    @Override
    public void onFreed(Tcb t) {
        isFreed = true;
        deadlineNs = Long.MAX_VALUE;
        store.free(t);
    }

    @Override
    public void onDeadline(Tcb t, long deadline) {
        deadlineNs = deadline;
    }

    @Override
    public long random() {
        return random.nextLong();
    }
}
