package dev.toehold.tcp;

import static dev.toehold.tcp.CheckingTcbStore.check;

import dev.toehold.net.Tcp;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/** One end of a {@link TcpPair}: a real core, a checking store, an application that writes, reads and closes at random. */
final class SimulatedHost implements TcpEffects {
    /** What the application does; sizes in bytes. */
    static final class Application {
        long toSend = 100_000;
        int writeMax = 20_000;
        int receiveBuffer = 65_536;
        int readMax = 65_536;
        long thinkNs = 1_000_000;
        boolean abortAtRandom;
        boolean closeInsteadOfShutdown;
        boolean noDelay;
        double corkProbability;
        double refusePlacement;
        double refuseTransmit;
    }

    final String name;
    final TcpCore core;
    final CheckingTcbStore store = new CheckingTcbStore(4);
    final TcpCounters counters = new TcpCounters();
    final Tcb tcb;
    final Application application;
    final List<String> events = new ArrayList<>();
    private final SplittableRandom random;
    private final TcpPair pair;
    private final int side;
    private final Segment segment = new Segment();
    private final BitSet placed = new BitSet();
    private int placedPrefix;
    private boolean open;
    boolean freed;
    int reason;
    private long consumed;
    private long submitted;
    private boolean finished;
    private boolean endOfStream;
    private boolean connected;
    long deadlineNs = Long.MAX_VALUE;
    long applicationNs = Long.MAX_VALUE;
    long retryNs = Long.MAX_VALUE;
    private long wireEdge;

    SimulatedHost(TcpPair pair, int side, TcpConfig config, Application application, SplittableRandom random) {
        this.pair = pair;
        this.side = side;
        this.name = side == 0 ? "A" : "B";
        this.random = random;
        this.application = application;
        core = new TcpCore(config, store, this, counters);
        tcb = new Tcb(store.records);
    }

    private void prepare() {
        store.allocate(tcb);
        tcb.iss((int) random.nextLong());
        tcb.family(4);
        tcb.ourMss(pair.mss(side));
        store.commitTimestampOffset(tcb, (int) random.nextLong());
        tcb.rcvGrant(application.receiveBuffer);
        tcb.set(TcbFlags.NODELAY, application.noDelay);
        open = true;
        applicationNs = pair.nowNs();
    }

    void connect() {
        prepare();
        core.activeOpen(tcb, pair.nowNs());
    }

    boolean isOpen() {
        return open;
    }

    /** Sends and receives nothing more than it was told to. */
    boolean isComplete() {
        return consumed == peer().application.toSend && endOfStream;
    }

    long received() {
        return consumed;
    }

    private SimulatedHost peer() {
        return pair.host(1 - side);
    }

    /** Packets that arrive at the same moment are one burst. */
    void onBurst(List<byte[]> packets) {
        boolean touched = false;
        for (byte[] packet : packets) {
            if (!SegmentCodec.decode(packet, segment)) {
                continue;
            }
            if (open) {
                core.onSegment(tcb, segment, pair.nowNs());
                touched = true;
                checkInvariants();
            } else if (!freed && segment.flags == Tcp.SYN && pair.listens(side)) {
                prepare();
                core.passiveOpen(tcb, segment, pair.nowNs());
                touched = true;
            } else {
                TxSegment answer = new TxSegment();
                if (core.respondToClosed(segment, answer)) {
                    pair.send(side, SegmentCodec.encode(answer, 0));
                }
            }
        }
        if (touched && open) {
            publish();
            core.onBurstEnd(tcb, pair.nowNs());
            checkInvariants();
        }
    }

    private void publish() {
        store.shadow(tcb).published = tcb.rcvNxt();
        store.shadow(tcb).endOfStreamPublished = endOfStream;
    }

    void onTimer() {
        deadlineNs = Long.MAX_VALUE;
        core.onTimer(tcb, pair.nowNs());
        if (open) {
            deadlineNs = tcb.nextDeadline();
            checkInvariants();
        }
    }

    void onRetry() {
        retryNs = Long.MAX_VALUE;
        if (open) {
            publish();
            core.onOutput(tcb, pair.nowNs());
            checkInvariants();
        }
    }

    /** The application's turn: read, write, end. */
    void onApplication() {
        applicationNs = Long.MAX_VALUE;
        if (!open) {
            return;
        }
        long nowNs = pair.nowNs();
        if (connected) {
            if (application.abortAtRandom && !tcb.has(TcbFlags.KEEPALIVE)) {
                // The RST of an abort may be lost: without keepalive a half-closed end would never hear of it.
                core.setKeepalive(tcb, true, nowNs);
            }
            read(nowNs);
            write(nowNs);
        }
        if (open && application.abortAtRandom && random.nextInt(40) == 0) {
            core.abort(tcb, nowNs);
        }
        if (open) {
            checkInvariants();
            if (connected && hasWork()) {
                applicationNs = nowNs + random.nextLong(application.thinkNs) + 1;
            }
        }
    }

    private boolean hasWork() {
        boolean mayWrite =
                !finished && (submitted < application.toSend || !application.closeInsteadOfShutdown || endOfStream);
        return mayWrite || consumed < tcb.rcvPosition();
    }

    private void read(long nowNs) {
        long available = tcb.rcvPosition() - consumed;
        if (available > 0) {
            consumed += Math.min(available, random.nextLong(application.readMax) + 1);
            core.grantWindow(tcb, consumed + application.receiveBuffer, application.receiveBuffer, nowNs);
        }
    }

    private void write(long nowNs) {
        if (finished) {
            return;
        }
        if (submitted < application.toSend) {
            submitted += Math.min(application.toSend - submitted, random.nextLong(application.writeMax) + 1);
            core.send(tcb, submitted, random.nextDouble() < application.corkProbability, nowNs);
            if (open && random.nextInt(8) == 0) {
                core.flush(tcb, nowNs);
            }
            return;
        }
        if (application.closeInsteadOfShutdown) {
            if (endOfStream) {
                finished = true;
                core.close(tcb, nowNs);
            }
        } else {
            finished = true;
            core.shutdown(tcb, nowNs);
        }
    }

    private void checkInvariants() {
        if (!open) {
            return;
        }
        check(tcb.sndUna() <= tcb.sndNxt() || tcb.state() < TcpState.ESTABLISHED, "sndUna > sndNxt", tcb.sndNxt());
        check(tcb.sndNxt() <= Math.max(0, tcb.sndMax()), "sndNxt > sndMax", tcb.sndNxt());
        check(tcb.rcvPosition() <= tcb.rcvNxt(), "rcvPosition > rcvNxt", tcb.rcvPosition());
        check(tcb.rcvNxt() <= tcb.rcvEdge(), "rcvNxt > rcvEdge", tcb.rcvNxt());
        check(tcb.rcvNxt() <= placedPrefix(), "rcvNxt covers a hole", tcb.rcvNxt());
        checkScoreboard();
        check(tcb.cwnd() > 0, "cwnd", tcb.cwnd());
        check(tcb.ssthresh() >= 0, "ssthresh", tcb.ssthresh());
        check(tcb.nextDeadline() == deadlineNs, "deadline not reported", tcb.nextDeadline());
        boolean waiting = TcpState.mayTransmit(tcb.state()) && tcb.sndUna() < tcb.sndMax();
        check(!waiting || tcb.rexmtDeadline() != Long.MAX_VALUE, "in flight without a timer", tcb.sndUna());
    }

    private void checkScoreboard() {
        if (tcb.scoreboardIndex() < 0) {
            return;
        }
        Scoreboard board = core.context.scoreboard;
        long sacked = 0;
        long lost = 0;
        for (int i = 0; i < board.count(tcb); i++) {
            long length = board.end(tcb, i) - board.start(tcb, i);
            check(length > 0, "empty range", board.end(tcb, i));
            int kind = board.kind(tcb, i);
            check((kind & 3) != 3, "SACKed and lost", kind);
            sacked += (kind & Scoreboard.SACKED) != 0 ? length : 0;
            lost += (kind & Scoreboard.LOST) != 0 ? length : 0;
        }
        check(sacked == board.sackedBytes(tcb), "sackedBytes", sacked);
        check(lost == board.lostBytes(tcb), "lostBytes", lost);
        check(board.count(tcb) == 0 || board.end(tcb, board.count(tcb) - 1) == tcb.sndMax(), "ends", tcb.sndMax());
    }

    @Override
    public int place(Tcb t, long position, Segment s, int payloadOffset, int length) {
        check(length > 0, "place of nothing", length);
        check(payloadOffset >= 0 && payloadOffset + length <= s.payloadLength, "place outside the payload", length);
        check(position + length <= store.shadow(t).rcvEdge, "place beyond the promised edge", position + length);
        int take = random.nextDouble() < application.refusePlacement ? random.nextInt(length) : length;
        for (int i = 0; i < take; i++) {
            byte got = s.memory.get(ValueLayout.JAVA_BYTE, s.payloadOffset + payloadOffset + i);
            check(got == StreamContent.at(pair.contentSeed(1 - side), position + i), "wrong byte at", position + i);
            check(!placed.get((int) position + i), "placed twice", position + i);
        }
        placed.set((int) position, (int) position + take);
        return take;
    }

    @Override
    public void onDelivered(Tcb t, boolean push) {
        check(t.rcvNxt() <= placedPrefix(), "delivered a hole", t.rcvNxt());
        wake();
    }

    @Override
    public void onEndOfStream(Tcb t) {
        check(!endOfStream, "end of stream twice", t.rcvNxt());
        check(t.rcvNxt() == peer().application.toSend || peer().application.abortAtRandom, "short", t.rcvNxt());
        endOfStream = true;
        wake();
    }

    @Override
    public void onAcknowledged(Tcb t) {
        check(store.shadow(t).sndUna == t.sndUna(), "SEND completion before its commit", t.sndUna());
        check(t.acknowledgedPosition() <= submitted, "acknowledged what was not submitted", t.acknowledgedPosition());
    }

    @Override
    public boolean transmit(Tcb t, TxSegment tx) {
        CheckingTcbStore.Shadow shadow = store.shadow(t);
        if ((tx.flags & Tcp.ACK) != 0 && tcb.state() >= TcpState.SYN_RECEIVED) {
            int committed = t.irs() + 1 + (int) shadow.rcvPosition + (shadow.finReceived >= 0 ? 1 : 0);
            check(tx.ack == committed, "ACK differs from what is committed by", tx.ack - committed);
            if ((tx.flags & (Tcp.SYN | Tcp.RST)) == 0) {
                checkEdge(t, tx, shadow);
            }
        }
        int end = tx.seq + tx.payloadLength + (tx.has(Tcp.SYN) ? 1 : 0) + (tx.has(Tcp.FIN) ? 1 : 0);
        if (!tx.has(Tcp.RST)) {
            check(end - (t.iss() + 1 + (int) shadow.sndMax) <= 0, "transmission before sndMax", end);
        }
        check(!tx.has(Tcp.FIN) || shadow.finSent >= 0, "FIN before finSent", end);
        for (int i = 0; i < tx.sackCount; i++) {
            int left = (int) t.receivePosition(tx.sackEdges[2 * i]);
            int right = (int) t.receivePosition(tx.sackEdges[2 * i + 1]);
            check(left < right && placed.nextClearBit(left) >= right, "SACK of what is not there", right);
        }
        check(tx.payloadPosition + tx.payloadLength <= Math.max(submitted, t.sndMax()), "not submitted", end);
        check(tx.optionsLength() + tx.payloadLength <= Math.min(pair.mss(0), pair.mss(1)), "MSS", tx.payloadLength);
        if (random.nextDouble() < application.refuseTransmit) {
            retryNs = pair.nowNs() + 1_000_000;
            return false;
        }
        pair.send(side, SegmentCodec.encode(tx, pair.contentSeed(side)));
        return true;
    }

    /** The promised edge is committed first, and what the wire says retracts by less than one unit of the scale. */
    private void checkEdge(Tcb t, TxSegment tx, CheckingTcbStore.Shadow shadow) {
        long edge = shadow.rcvPosition + ((long) tx.window << t.rcvWscale());
        check(edge <= shadow.rcvEdge, "window beyond the committed edge", edge);
        check(edge > wireEdge - (1L << t.rcvWscale()), "window retracts to", edge);
        wireEdge = Math.max(wireEdge, edge);
    }

    @Override
    public void onConnected(Tcb t) {
        connected = true;
        wake();
        events.add("connected");
    }

    @Override
    public void onAccepted(Tcb t) {
        connected = true;
        wake();
        events.add("accepted");
    }

    @Override
    public void onTerminated(Tcb t, int why) {
        check(reason == 0, "terminated twice", why);
        reason = why;
        events.add("terminated " + why);
    }

    @Override
    public void onFreed(Tcb t) {
        store.free(t);
        open = false;
        freed = true;
        deadlineNs = Long.MAX_VALUE;
        // Like an application that still reads what a connection delivered before it ended.
        consumed = store.shadow(t).rcvPosition;
    }

    @Override
    public void onDeadline(Tcb t, long deadline) {
        deadlineNs = deadline;
    }

    @Override
    public long random() {
        return random.nextLong();
    }

    private int placedPrefix() {
        placedPrefix = placed.nextClearBit(placedPrefix);
        return placedPrefix;
    }

    private void wake() {
        applicationNs = Math.min(applicationNs, pair.nowNs() + random.nextLong(application.thinkNs) + 1);
    }
}
