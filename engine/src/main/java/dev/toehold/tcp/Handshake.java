package dev.toehold.tcp;

import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;

/** SYNs: what they carry and what both sides agree on, in either opening (RFC 9293 sections 3.5 and 3.10.7.2 to 3.10.7.4). */
final class Handshake {
    private final Context context;
    private final Output output;
    private final Timers timers;
    private final RttEstimator rtt;
    private final Keepalive keepalive;
    private final Closing closing;
    private final Ecn ecn;
    private final UserTimeout userTimeout;

    Handshake(
            Context context,
            Output output,
            Timers timers,
            RttEstimator rtt,
            Keepalive keepalive,
            Closing closing,
            Ecn ecn,
            UserTimeout userTimeout) {
        this.context = context;
        this.output = output;
        this.timers = timers;
        this.rtt = rtt;
        this.keepalive = keepalive;
        this.closing = closing;
        this.ecn = ecn;
        this.userTimeout = userTimeout;
    }

    void activeOpen(Tcb tcb, long nowNs) {
        prepare(tcb, nowNs);
        tcb.peerMss(MaximumSegment.defaultMss(tcb.family()));
        MaximumSegment.update(tcb);
        context.counters.increment(TcpCounters.ACTIVE_OPENS);
        context.store.publish(tcb, TcpState.SYN_SENT);
        output.sendSyn(tcb, nowNs);
        timers.armRetransmission(tcb, nowNs);
    }

    void passiveOpen(Tcb tcb, Segment syn, long nowNs) {
        prepare(tcb, nowNs);
        tcb.set(TcbFlags.PASSIVE);
        takeSyn(tcb, syn, nowNs);
        context.counters.increment(TcpCounters.PASSIVE_OPENS);
        context.store.publish(tcb, TcpState.SYN_RECEIVED);
        output.sendSyn(tcb, nowNs);
        timers.armRetransmission(tcb, nowNs);
    }

    void answerWithCookie(Segment syn, TxSegment answer, int cookie, int ourMss, int window, int tsOffset, long nowNs) {
        answer.clear();
        answer.flags = Tcp.SYN | Tcp.ACK;
        answer.seq = cookie;
        answer.ack = syn.seq + 1;
        answer.mss = ourMss;
        answer.window = window;
        if (!syn.options.hasTimestamps() || !context.config.timestamps()) {
            return;
        }
        boolean scale = syn.options.has(TcpOptions.HAS_WINDOW_SCALE) && context.config.receiveWindowScale() >= 0;
        boolean sack = syn.options.has(TcpOptions.HAS_SACK_PERMITTED) && context.config.sack();
        boolean marks = ecn.accepts(syn);
        answer.windowScale = scale ? context.config.receiveWindowScale() : -1;
        answer.sackPermitted = sack;
        answer.flags |= marks ? Tcp.ECE : 0;
        answer.timestamps = true;
        answer.tsVal = CookieTimestamp.encode(
                Timestamps.value(tsOffset, nowNs),
                scale ? syn.options.windowScale() : CookieTimestamp.NONE,
                sack,
                marks);
        answer.tsEcr = syn.options.tsVal();
    }

    /** The ACK of a SYN,ACK with a cookie: the SYN is gone, so what was agreed on is what the cookie and the timestamp kept. */
    void passiveOpenFromCookie(Tcb tcb, Segment ack, int mss, long nowNs) {
        prepare(tcb, nowNs);
        tcb.set(TcbFlags.PASSIVE);
        tcb.irs(ack.seq - 1);
        tcb.peerMss(mss);
        if (ack.options.hasTimestamps() && context.config.timestamps()) {
            int kept = ack.options.tsEcr();
            int scale = CookieTimestamp.windowScale(kept);
            boolean scaled = scale != CookieTimestamp.NONE && context.config.receiveWindowScale() >= 0;
            tcb.set(TcbFlags.TIMESTAMPS);
            tcb.set(TcbFlags.WINDOW_SCALE, scaled);
            tcb.sndWscale(scaled ? scale : 0);
            tcb.rcvWscale(scaled ? context.config.receiveWindowScale() : 0);
            tcb.set(TcbFlags.SACK_PERMITTED, CookieTimestamp.sackPermitted(kept) && context.config.sack());
            tcb.set(TcbFlags.ECN, CookieTimestamp.ecn(kept) && context.config.ecn() != TcpConfig.EcnMode.OFF);
            Timestamps.remember(tcb, ack.options.tsVal(), nowNs);
        }
        MaximumSegment.update(tcb);
        tcb.sndWnd(ack.window << tcb.sndWscale());
        tcb.maxSndWnd(tcb.sndWnd());
        context.store.commitSndMax(tcb, 0);
        context.store.commitRcvEdge(tcb, Math.min(tcb.rcvGrant(), WindowUpdate.MAX_FIELD));
        context.counters.increment(TcpCounters.PASSIVE_OPENS);
        context.store.publish(tcb, TcpState.SYN_RECEIVED);
    }

    private void prepare(Tcb tcb, long nowNs) {
        context.store.commitSndUna(tcb, -1);
        context.store.commitSndMax(tcb, -1);
        tcb.recover(-1);
        tcb.createdSeconds((int) (nowNs / 1_000_000_000));
        tcb.lastReceiveNs(nowNs);
        tcb.cwnd(tcb.ourMss());
        rtt.reset(tcb, context.config.initialRtoNs());
    }

    /** The peer's SYN: irs, its window (never scaled) and its options. In SYN-SENT the offer was ours, else it is the peer's. */
    void takeSyn(Tcb tcb, Segment syn, long nowNs) {
        TcpOptions options = syn.options;
        tcb.irs(syn.seq);
        tcb.peerMss(MaximumSegment.offered(syn, tcb.family()));
        boolean scale = options.has(TcpOptions.HAS_WINDOW_SCALE) && context.config.receiveWindowScale() >= 0;
        tcb.set(TcbFlags.WINDOW_SCALE, scale);
        tcb.sndWscale(scale ? options.windowScale() : 0);
        tcb.rcvWscale(scale ? context.config.receiveWindowScale() : 0);
        tcb.set(TcbFlags.SACK_PERMITTED, options.has(TcpOptions.HAS_SACK_PERMITTED) && context.config.sack());
        tcb.set(TcbFlags.TIMESTAMPS, options.hasTimestamps() && context.config.timestamps());
        if (tcb.has(TcbFlags.TIMESTAMPS)) {
            Timestamps.remember(tcb, options.tsVal(), nowNs);
        }
        ecn.takeSyn(tcb, syn);
        if (tcb.has(TcbFlags.PASSIVE)) {
            userTimeout.onSegment(tcb, syn);
        }
        MaximumSegment.update(tcb);
        tcb.sndWnd(syn.window);
        tcb.maxSndWnd(syn.window);
        tcb.sndWl1(syn.seq);
        tcb.sndWl2(syn.ack);
    }

    /** Our SYN was acknowledged. */
    void establish(Tcb tcb, Segment segment, long nowNs) {
        context.store.commitSndUna(tcb, 0);
        if (tcb.has(TcbFlags.TIMING) && !tcb.has(TcbFlags.SYN_RETRANSMITTED)) {
            rtt.onSample(tcb, nowNs - tcb.rttStartNs(), nowNs);
            context.counters.roundTrips().record(nowNs - tcb.rttStartNs());
        } else if (tcb.has(TcbFlags.SYN_RETRANSMITTED)) {
            long sample = tcb.has(TcbFlags.TIMESTAMPS) ? Timestamps.roundTripNs(tcb, segment, nowNs) : -1;
            rtt.reset(tcb, Retransmission.RTO_AFTER_SYN_LOSS_NS);
            if (sample >= 0) {
                int rtoUs = tcb.rtoUs();
                rtt.onSample(tcb, sample, nowNs);
                context.counters.roundTrips().record(sample);
                tcb.rtoUs(rtoUs);
            }
        }
        tcb.unset(TcbFlags.TIMING);
        tcb.rttStartNs(nowNs);
        tcb.backoff(0);
        tcb.rexmtStartMs(0);
        tcb.unset(TcbFlags.TIMED_OUT | TcbFlags.SOFT_ERROR);
        timers.cancelRetransmission(tcb);
        context.congestion.onEstablished(tcb, context.config);
        context.transition(tcb, TcpState.ESTABLISHED);
        context.counters.increment(TcpCounters.ESTABLISHED);
        keepalive.start(tcb, nowNs);
        userTimeout.onEstablished(tcb);
        if (tcb.has(TcbFlags.PASSIVE)) {
            context.effects.onAccepted(tcb);
        } else {
            context.effects.onConnected(tcb);
        }
        if (tcb.has(TcbFlags.SHUTDOWN)) {
            closing.shutdown(tcb);
        }
    }

    /** SYN-SENT met a SYN without an ACK of ours: both sides opened (RFC 9293 figure 7). */
    void simultaneousOpen(Tcb tcb, long nowNs) {
        context.transition(tcb, TcpState.SYN_RECEIVED);
        tcb.unset(TcbFlags.TIMING);
        tcb.backoff(0);
        output.sendSyn(tcb, nowNs);
        timers.armRetransmission(tcb, nowNs);
    }

    /** The peer sent its SYN again; a timestamp that it carries is the one to echo (RFC 7323 section 4.3). */
    void repeatSynAck(Tcb tcb, Segment syn, long nowNs) {
        tcb.unset(TcbFlags.TIMING);
        if (tcb.has(TcbFlags.TIMESTAMPS) && syn.options.hasTimestamps()) {
            Timestamps.update(tcb, syn, nowNs);
        }
        output.sendSyn(tcb, nowNs);
    }
}
