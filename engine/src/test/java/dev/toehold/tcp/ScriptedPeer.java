package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.Tcp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A core against a script: the test injects segments with numbers relative to both initial sequence numbers, looks at what came
 * out, and moves the clock. Positions: 0 is the first byte after the SYN, in either direction.
 */
final class ScriptedPeer implements TcpEffects {
    static final int ISS = 0xFFFF_FE00;
    static final int IRS = 0x7FFF_FF00;
    static final int MSS = 1000;
    static final long MS = 1_000_000;

    /** What the core sent, copied. */
    static final class Sent {
        int flags;
        long seq;
        long ack;
        int window;
        int length;
        int mss;
        int windowScale;
        boolean sackPermitted;
        boolean timestamps;
        int tsVal;
        int tsEcr;
        int rawSeq;
        int rawAck;
        int ecn;
        int userTimeout;
        final List<Long> sack = new ArrayList<>();

        boolean has(int bits) {
            return (flags & bits) == bits;
        }

        @Override
        public String toString() {
            return "flags=%02x seq=%d ack=%d window=%d length=%d sack=%s"
                    .formatted(flags, seq, ack, window, length, sack);
        }
    }

    final TcpConfig config;
    final CheckingTcbStore store = new CheckingTcbStore(4);
    final TcpCounters counters = new TcpCounters();
    final TcpCore core;
    final Tcb tcb;
    final ArrayDeque<Sent> sent = new ArrayDeque<>();
    final List<String> events = new ArrayList<>();
    final Segment segment = new Segment();
    long nowNs = 10_000 * MS;
    long deadlineNs = Long.MAX_VALUE;
    int room = Integer.MAX_VALUE;
    boolean buffers = true;
    int window = 60_000;
    boolean withTimestamps;
    int tsVal = 5_000;
    int tsEcr;

    /** ECN codepoint of the IP header around what is injected. */
    int ecn;

    /** User timeout option of what is injected, -1 = none. */
    int userTimeout = -1;

    private final byte[] bytes = new byte[65_536];
    private boolean endOfStream;

    ScriptedPeer(TcpConfig config) {
        this.config = config;
        core = new TcpCore(config, store, this, counters);
        tcb = new Tcb(store.records);
    }

    /** Options off but for what a test asks for. */
    static TcpConfig.Builder plain() {
        return TcpConfig.builder()
                .sack(false)
                .timestamps(false)
                .receiveWindowScale(-1)
                .congestionControl(TcpConfig.CongestionAlgorithm.RENO)
                .pools(2, 2);
    }

    void prepare() {
        store.allocate(tcb);
        tcb.iss(ISS);
        tcb.family(4);
        tcb.ourMss(MSS);
        tcb.rcvGrant(40_000);
    }

    void connect() {
        prepare();
        core.activeOpen(tcb, nowNs);
    }

    /** An active open that the peer answers after 100 ms; nothing is left in {@link #sent}. */
    ScriptedPeer established() {
        connect();
        nowNs += 100 * MS;
        inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
        assertEquals(TcpState.ESTABLISHED, tcb.state());
        sent.clear();
        return this;
    }

    /** One segment, one burst. */
    void inject(int flags, long seq, long ack, int length) {
        arrive(flags, seq, ack, length);
        burstEnd();
    }

    void arrive(int flags, long seq, long ack, int length, long... sack) {
        fill(flags, seq, ack, length, sack);
        core.onSegment(tcb, segment, nowNs);
    }

    void fill(int flags, long seq, long ack, int length, long... sack) {
        TxSegment tx = new TxSegment();
        tx.clear();
        tx.seq = IRS + 1 + (int) seq;
        tx.ack = (flags & Tcp.ACK) != 0 ? ISS + 1 + (int) ack : 0;
        tx.flags = flags;
        tx.window = window;
        tx.payloadPosition = seq;
        tx.payloadLength = length;
        if ((flags & Tcp.SYN) != 0) {
            tx.mss = MSS;
            tx.sackPermitted = config.sack();
            tx.windowScale = config.receiveWindowScale() >= 0 ? 2 : -1;
            withTimestamps = config.timestamps();
        }
        if (withTimestamps) {
            tx.timestamps = true;
            tx.tsVal = tsVal;
            tx.tsEcr = tsEcr;
        }
        tx.userTimeout = userTimeout;
        for (int i = 0; i < sack.length; i++) {
            tx.sackEdges[i] = ISS + 1 + (int) sack[i];
        }
        tx.sackCount = sack.length / 2;
        byte[] encoded = SegmentCodec.encode(tx, 7);
        System.arraycopy(encoded, 0, bytes, 0, encoded.length);
        SegmentCodec.decode(encoded, segment);
        segment.ecn = ecn;
    }

    void burstEnd() {
        if (tcb.state() > TcpState.CLOSED) {
            store.shadow(tcb).published = tcb.rcvNxt();
            store.shadow(tcb).endOfStreamPublished = endOfStream;
        }
        core.onBurstEnd(tcb, nowNs);
    }

    /** An ACK from the peer, with SACK blocks as pairs of positions. */
    void ack(long ack, long... sack) {
        arrive(Tcp.ACK, tcb.rcvNxt() + (endOfStream ? 1 : 0), ack, 0, sack);
        burstEnd();
    }

    void advance(long ms) {
        nowNs += ms * MS;
        if (deadlineNs <= nowNs) {
            core.onTimer(tcb, nowNs);
        }
    }

    /** Runs timers up to and including the next deadline; returns how many ms that took. */
    long toDeadline() {
        long before = nowNs;
        nowNs = Math.max(nowNs, deadlineNs);
        core.onTimer(tcb, nowNs);
        return (nowNs - before) / MS;
    }

    Sent expect(int flags, long seq, int length) {
        Sent s = sent.poll();
        assertNotNull(s, "nothing was sent");
        assertEquals(flags, s.flags & ~Tcp.PSH, s.toString());
        assertEquals(seq, s.seq, s.toString());
        assertEquals(length, s.length, s.toString());
        return s;
    }

    Sent expectAck(long ack) {
        Sent s = sent.poll();
        assertNotNull(s, "nothing was sent");
        assertEquals(Tcp.ACK, s.flags, s.toString());
        assertEquals(ack, s.ack, s.toString());
        assertEquals(0, s.length, s.toString());
        return s;
    }

    void expectNothing() {
        assertNull(sent.peek());
    }

    void expectState(int state) {
        assertEquals(TcpState.name(state), TcpState.name(tcb.state()));
    }

    @Override
    public int place(Tcb t, long position, Segment s, int payloadOffset, int length) {
        int take = Math.min(room, length);
        room -= take;
        return take;
    }

    @Override
    public void onDelivered(Tcb t, boolean push) {
        events.add("delivered " + t.rcvNxt());
    }

    @Override
    public void onEndOfStream(Tcb t) {
        endOfStream = true;
        events.add("end of stream " + t.rcvNxt());
    }

    @Override
    public void onAcknowledged(Tcb t) {
        events.add("acknowledged " + t.acknowledgedPosition());
    }

    @Override
    public boolean transmit(Tcb t, TxSegment tx) {
        if (!buffers) {
            return false;
        }
        Sent s = new Sent();
        s.flags = tx.flags;
        s.rawSeq = tx.seq;
        s.rawAck = tx.ack;
        s.seq = SequenceNumber.diff(tx.seq, ISS + 1);
        s.ack = SequenceNumber.diff(tx.ack, IRS + 1);
        s.window = tx.window;
        s.length = tx.payloadLength;
        s.mss = tx.mss;
        s.windowScale = tx.windowScale;
        s.sackPermitted = tx.sackPermitted;
        s.timestamps = tx.timestamps;
        s.tsVal = tx.tsVal;
        s.tsEcr = tx.tsEcr;
        s.ecn = tx.ecn;
        s.userTimeout = tx.userTimeout;
        for (int i = 0; i < 2 * tx.sackCount; i++) {
            s.sack.add((long) (tx.sackEdges[i] - (IRS + 1)));
        }
        sent.add(s);
        return true;
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
        events.add("terminated " + reason);
    }

    @Override
    public void onTrouble(Tcb t) {
        events.add("trouble");
    }

    @Override
    public void onFreed(Tcb t) {
        events.add("freed");
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
