package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.SipHash;
import dev.toehold.net.Tcp;
import dev.toehold.tcp.ScriptSegment.Number32;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The core's surroundings in a script: one peer, one application, a virtual clock. What has no connection is treated as the stack
 * does it: a SYN alone goes to the listener if there is one, or reuses TIME-WAIT; the rest is answered as in CLOSED.
 *
 * <p>Whatever a script expects, each segment that leaves is held against what must always be true: it says nothing that is not
 * committed, its window does not retract, its text fits the MSS, its timestamp is the clock's.
 */
final class ScriptHost implements TcpEffects {
    static final long CONTENT_SEED = 7;
    private static final long MS = 1_000_000;
    private static final int FIRST_PEER_TSVAL = 5_000;
    private static final int PORTS = 0x0007_1234;
    private static final String[] REASONS = {"", "RESET", "TIMED_OUT", "REFUSED", "UNREACHABLE", "ORDERLY", "ABORTED"};

    /** A segment that left, not yet asked for by the script. */
    record Sent(long atNs, ScriptSegment segment) {}

    final ScriptConfig config;
    final CheckingTcbStore store = new CheckingTcbStore(4);
    final TcpCounters counters = new TcpCounters();
    final TcpCore core;
    final Tcb tcb;
    final ArrayDeque<Sent> sent = new ArrayDeque<>();
    final ArrayDeque<String> events = new ArrayDeque<>();
    private final SynCookies cookies = new SynCookies(new SipHash(2, 4, 1, 2), new SipHash(2, 4, 3, 4));
    private final Segment segment = new Segment();
    private final TxSegment answer = new TxSegment();
    long nowNs;
    long zeroNs;
    long deadlineNs = Long.MAX_VALUE;
    int iss;
    int irs;
    boolean listening;
    boolean withCookies;
    boolean buffers = true;
    long room = Long.MAX_VALUE;
    private boolean connected;
    private boolean endOfStream;
    private int window;
    private int lastTsVal;
    private long edge = Long.MIN_VALUE;

    ScriptHost(ScriptConfig config) {
        this.config = config;
        core = new TcpCore(config.tcp(), store, this, counters);
        tcb = new Tcb(store.records);
        iss = config.iss();
        irs = config.irs();
        window = config.peerWindow();
        nowNs = config.startNs();
        zeroNs = nowNs;
    }

    boolean hasConnection() {
        return connected;
    }

    void connect() {
        allocate(config.iss());
        core.activeOpen(tcb, nowNs);
    }

    private void allocate(int newIss) {
        store.allocate(tcb);
        iss = newIss;
        tcb.iss(newIss);
        tcb.family(config.family());
        tcb.ourMss(config.mss());
        tcb.rcvGrant(config.grant());
        connected = true;
        endOfStream = false;
        edge = Long.MIN_VALUE;
    }

    /** A handshake that takes the configured round trip; the clock of the script begins behind it. */
    void establish(boolean passive) {
        List<String> options = new ArrayList<>(List.of("mss " + config.peerMss()));
        if (config.tcp().sack()) {
            options.add("sackOK");
        }
        if (config.tcp().receiveWindowScale() >= 0) {
            options.add("ws " + config.peerScale());
        }
        int configured = window;
        int synWindow = Math.min(window << (config.tcp().receiveWindowScale() >= 0 ? config.peerScale() : 0), 0xFFFF);
        if (passive) {
            listening = true;
            arrive(segment(Tcp.SYN, -1, false, synWindow, options));
            nowNs += config.rttNs();
            arrive(segment(Tcp.ACK, 0, true, configured, List.of()));
        } else {
            connect();
            nowNs += config.rttNs();
            arrive(segment(Tcp.SYN | Tcp.ACK, -1, true, synWindow, options));
        }
        burstEnd();
        if (tcb.state() != TcpState.ESTABLISHED) {
            throw new AssertionError("the handshake ends in " + TcpState.name(tcb.state()));
        }
        window = configured;
        sent.clear();
        events.clear();
        zeroNs = nowNs;
    }

    private static ScriptSegment segment(int flags, long seq, boolean ack, int window, List<String> options) {
        Number32 number = ack ? Number32.position(0) : null;
        return new ScriptSegment(flags, Number32.position(seq), 0, number, window, 0, 0, options);
    }

    /** A segment from the peer; what the script left open is filled in. Returns what arrived. */
    ScriptSegment arrive(ScriptSegment asked) {
        ScriptSegment full = complete(asked);
        byte[] bytes = ScriptSegmentCodec.encode(full, irs, iss);
        if (!SegmentCodec.decode(bytes, segment)) {
            throw new IllegalArgumentException("the script's segment is not one: " + full);
        }
        segment.ecn = full.ecn();
        deliver();
        return full;
    }

    private ScriptSegment complete(ScriptSegment asked) {
        if (asked.window() >= 0) {
            window = asked.window();
        }
        List<String> options = new ArrayList<>(asked.options());
        boolean bare = asked.option("nots") != null || asked.option("raw") != null;
        if (config.peerTimestamps() && !bare && (asked.option("ts") == null || options.remove("ts"))) {
            long tsVal = FIRST_PEER_TSVAL + (nowNs - config.startNs()) / MS;
            options.add("ts " + (tsVal & 0xFFFF_FFFFL) + " " + (lastTsVal & 0xFFFF_FFFFL));
        }
        return new ScriptSegment(
                asked.flags(), asked.seq(), asked.length(), asked.ack(), window, asked.urgent(), asked.ecn(), options);
    }

    private void deliver() {
        if (connected && core.mayReuse(tcb, segment) && listening) {
            int leastIss = tcb.sendSequence(tcb.sndMax());
            core.abort(tcb, nowNs);
            listen(SequenceNumber.gt(config.iss(), leastIss) ? config.iss() : leastIss + 1);
        } else if (connected) {
            onSegment();
        } else if (listening && (segment.flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) == Tcp.SYN) {
            listen(config.iss());
        } else if (listening && (segment.flags & (Tcp.ACK | Tcp.RST)) == 0) {
            // Section 3.10.7.2, fourth step: it cannot be of anything.
        } else if (!(withCookies && openFromCookie()) && core.respondToClosed(segment, answer)) {
            note(answer);
        }
    }

    /** In SYN-SENT the peer's numbers begin with whatever SYN is taken. */
    private void onSegment() {
        int before = irs;
        boolean learns = tcb.state() == TcpState.SYN_SENT && segment.has(Tcp.SYN);
        irs = learns ? segment.seq : irs;
        core.onSegment(tcb, segment, nowNs);
        irs = learns && tcb.state() == TcpState.SYN_SENT ? before : irs;
    }

    private void listen(int newIss) {
        irs = segment.seq;
        if (withCookies) {
            int mss = MaximumSegment.offered(segment, config.family());
            iss = cookies.encode(0, 1, 0, 2, PORTS, irs, mss, nowNs);
            int offered = (int) Math.min(config.grant(), WindowUpdate.MAX_FIELD);
            core.answerWithCookie(segment, answer, iss, config.mss(), offered, 0, nowNs);
            lastTsVal = answer.tsVal;
            note(answer);
            return;
        }
        allocate(newIss);
        core.passiveOpen(tcb, segment, nowNs);
    }

    private boolean openFromCookie() {
        if ((segment.flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) != Tcp.ACK) {
            return false;
        }
        int mss = cookies.decode(0, 1, 0, 2, PORTS, segment.seq - 1, segment.ack - 1, nowNs);
        if (mss < 0) {
            return false;
        }
        irs = segment.seq - 1;
        allocate(segment.ack - 1);
        core.passiveOpenFromCookie(tcb, segment, mss, nowNs);
        core.onSegment(tcb, segment, nowNs);
        return true;
    }

    void burstEnd() {
        if (connected && tcb.state() > TcpState.CLOSED) {
            store.shadow(tcb).published = tcb.rcvNxt();
            store.shadow(tcb).endOfStreamPublished = endOfStream;
            core.onBurstEnd(tcb, nowNs);
        }
    }

    /** Runs timers up to {@code untilNs}, or to the first segment that leaves; the clock stops there. */
    void advance(long untilNs) {
        int turns = 0;
        while (sent.isEmpty() && deadlineNs <= untilNs) {
            nowNs = Math.max(nowNs, deadlineNs);
            core.onTimer(tcb, nowNs);
            CheckingTcbStore.check(++turns < 10_000, "timers that run in circles", turns);
        }
        if (sent.isEmpty()) {
            nowNs = Math.max(nowNs, untilNs);
        }
    }

    @Override
    public int place(Tcb t, long position, Segment s, int payloadOffset, int length) {
        for (int i = 0; i < length; i++) {
            byte content = s.memory.get(ValueLayout.JAVA_BYTE, s.payloadOffset + payloadOffset + i);
            CheckingTcbStore.check(content == StreamContent.at(CONTENT_SEED, position + i), "misplaced", position + i);
        }
        int take = (int) Math.min(room, length);
        room -= take;
        return take;
    }

    @Override
    public boolean transmit(Tcb t, TxSegment tx) {
        if (!buffers) {
            return false;
        }
        checkCommitted(t, tx);
        note(tx);
        return true;
    }

    private void checkCommitted(Tcb t, TxSegment tx) {
        CheckingTcbStore.Shadow shadow = store.shadow(t);
        if (!tx.has(Tcp.RST)) {
            long end = (long) SequenceNumber.diff(tx.seq, iss + 1) + tx.payloadLength + (tx.has(Tcp.FIN) ? 1 : 0);
            CheckingTcbStore.check(end <= shadow.sndMax + (tx.has(Tcp.SYN) ? 1 : 0), "text beyond sndMax", end);
            checkWindow(t, tx, shadow);
            if (!tx.has(Tcp.SYN)) {
                CheckingTcbStore.check(tx.timestamps == t.has(TcbFlags.TIMESTAMPS), "timestamp option", tx.seq);
            }
        }
        if (tx.timestamps) {
            CheckingTcbStore.check(tx.tsVal == (int) (nowNs / MS) + t.tsOffset(), "TSval", tx.tsVal);
            lastTsVal = tx.tsVal;
        }
        if (tx.payloadLength > 0) {
            CheckingTcbStore.check(tx.seq == iss + 1 + (int) tx.payloadPosition, "payload position", tx.seq);
            CheckingTcbStore.check(
                    tx.payloadLength + tx.optionsLength() <= t.sndMss(), "text and options", tx.payloadLength);
        }
    }

    private void checkWindow(Tcb t, TxSegment tx, CheckingTcbStore.Shadow shadow) {
        if (!tx.has(Tcp.ACK)) {
            return;
        }
        long ack = SequenceNumber.diff(tx.ack, irs + 1);
        CheckingTcbStore.check(
                ack <= shadow.rcvPosition + (shadow.finReceived >= 0 ? 1 : 0), "ACK of what is not committed", ack);
        int shift = tx.has(Tcp.SYN) ? 0 : t.rcvWscale();
        long promised = ack + ((long) tx.window << shift);
        CheckingTcbStore.check(promised + (1L << shift) > edge, "the window retracts", promised);
        edge = Math.max(edge, promised);
    }

    private void note(TxSegment tx) {
        List<String> options = new ArrayList<>();
        if (tx.mss != 0) {
            options.add("mss " + tx.mss);
        }
        if (tx.windowScale >= 0) {
            options.add("ws " + tx.windowScale);
        }
        if (tx.sackPermitted) {
            options.add("sackOK");
        }
        if (tx.timestamps) {
            options.add("ts " + (tx.tsVal & 0xFFFF_FFFFL) + " " + (tx.tsEcr & 0xFFFF_FFFFL));
        }
        if (tx.sackCount > 0) {
            StringBuilder sack = new StringBuilder("sack");
            for (int i = 0; i < tx.sackCount; i++) {
                sack.append(' ').append(SequenceNumber.diff(tx.sackEdges[2 * i], irs + 1));
                sack.append(':').append(SequenceNumber.diff(tx.sackEdges[2 * i + 1], irs + 1));
            }
            options.add(sack.toString());
        }
        boolean ack = tx.has(Tcp.ACK);
        CheckingTcbStore.check(ack || tx.ack == 0, "an acknowledgment number without its bit", tx.ack);
        CheckingTcbStore.check(tx.optionsLength() <= Tcp.MAX_OPTIONS_LENGTH, "options", tx.optionsLength());
        Number32 seq = Number32.position(SequenceNumber.diff(tx.seq, iss + 1));
        Number32 number = ack ? Number32.position(SequenceNumber.diff(tx.ack, irs + 1)) : null;
        sent.add(new Sent(
                nowNs, new ScriptSegment(tx.flags, seq, tx.payloadLength, number, tx.window, 0, tx.ecn, options)));
    }

    @Override
    public void onDelivered(Tcb t, boolean push) {
        events.add("delivered " + t.rcvNxt() + (push ? " push" : ""));
    }

    @Override
    public void onUrgent(Tcb t, long endPosition) {
        events.add("urgent " + endPosition);
    }

    @Override
    public void onEndOfStream(Tcb t) {
        endOfStream = true;
        events.add("eof " + t.rcvNxt());
    }

    @Override
    public void onAcknowledged(Tcb t) {
        events.add("acknowledged " + t.acknowledgedPosition());
    }

    @Override
    public void onConnected(Tcb t) {
        events.add("connected");
    }

    @Override
    public void onAccepted(Tcb t) {
        events.add("accepted");
    }

    @Override
    public void onTerminated(Tcb t, int reason) {
        events.add("terminated " + REASONS[reason]);
    }

    @Override
    public void onFreed(Tcb t) {
        events.add("freed");
        connected = false;
        CheckingTcbStore.check(core.boundSlots() == 0, "slots that a dead connection holds", core.boundSlots());
        store.free(t);
    }

    @Override
    public void onDeadline(Tcb t, long deadline) {
        deadlineNs = deadline;
    }

    @Override
    public long random() {
        return 4;
    }
}
