package dev.toehold.control;

import dev.toehold.abi.Handle;
import dev.toehold.session.LcoreSessionsProxy;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbFlags;
import dev.toehold.tcp.TcbPhases;

/**
 * One connection in full: what {@code tcp_info} tells of a kernel connection, and what only an engine knows. The first
 * twelve components are those of {@link ConnectionListing.Item}. Times in ns, sizes in bytes, positions count bytes from 0 after
 * the SYN; null = does not apply now.
 *
 * @param consistent the record stood still while it was read; otherwise counters may be of two moments
 * @param opener {@code active} or {@code passive}
 * @param sndWscale shift of the windows that the peer sends
 * @param rcvWscale shift of the windows that we send
 * @param peerMss MSS option of the peer, or the default of RFC 9293
 * @param sndMss largest segment sent, options included
 * @param rcvMss largest payload seen of the peer
 * @param pmtu of the path as far as known
 * @param rttVarNs RTTVAR
 * @param backoff consecutive retransmission timeouts
 * @param congestionPhase {@code slow-start}, {@code conservative-slow-start}, {@code congestion-avoidance}, {@code recovery}
 * @param recoveryPhase {@code open}, {@code recovery}, {@code loss}
 * @param reorderingSeen by RACK (RFC 8985)
 * @param timeouts retransmission timeouts
 * @param dsacks ACKs that reported a duplicate
 * @param outOfOrderIn segments
 * @param ackedBytes of ours
 * @param receivedBytes in order
 * @param unsentBytes submitted and never sent
 * @param inFlightBytes sent and not acknowledged
 * @param rcvWnd what the peer may still send
 * @param postedReceives outstanding RECEIVEs
 * @param unconsumedBytes in provided buffers that the application was given
 * @param characteristic {@code interactive}, {@code bulk} or {@code idle}: what steers delayed ACK, completions, wake-ups, placement
 * @param characteristicReason why
 * @param lastSentNs since the last segment left; modulo 49 days
 * @param lastReceivedNs since the last acceptable segment came
 * @param retransmissionInNs the timers: time left, negative if it is overdue
 */
record ConnectionDetails(
        int id,
        String state,
        String local,
        String remote,
        int lcore,
        int client,
        long rttNs,
        long rto,
        long cwnd,
        long retransmits,
        long placedBytes,
        long sentBytes,
        long handle,
        boolean consistent,
        String opener,
        long ageNs,
        boolean sack,
        boolean timestamps,
        boolean windowScaling,
        boolean ecn,
        int sndWscale,
        int rcvWscale,
        int peerMss,
        int ourMss,
        int sndMss,
        int rcvMss,
        int pmtu,
        long rttVarNs,
        long minRttNs,
        int backoff,
        String congestionControl,
        String congestionPhase,
        String recoveryPhase,
        long ssthresh,
        boolean reorderingSeen,
        long timeouts,
        long dsacks,
        long outOfOrderIn,
        long segmentsIn,
        long segmentsOut,
        long ackedBytes,
        long receivedBytes,
        long retransmittedBytes,
        long unsentBytes,
        long inFlightBytes,
        long sndUna,
        long sndNxt,
        long sndMax,
        long submitted,
        long sndWnd,
        long rcvNxt,
        long rcvPosition,
        long rcvEdge,
        long rcvWnd,
        boolean noDelay,
        int postedReceives,
        long unconsumedBytes,
        String characteristic,
        String characteristicReason,
        long lastSentNs,
        long lastReceivedNs,
        Long retransmissionInNs,
        Long persistInNs,
        Long reorderingInNs,
        Long probeInNs,
        Long delayedAckInNs,
        Long keepaliveInNs,
        Long timeWaitInNs) {
    private static final long NS_PER_US = 1_000;
    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_SECOND = 1_000_000_000;

    /** @param nowNs of the lcores' clock */
    static ConnectionDetails of(
            ConnectionListing.Item item,
            Tcb tcb,
            boolean consistent,
            EngineView engine,
            LcoreSessionsProxy sessions,
            long nowNs) {
        long sent = Math.max(0, tcb.finSent() >= 0 ? Math.min(tcb.sndMax(), tcb.finSent()) : tcb.sndMax());
        return new ConnectionDetails(
                item.id(),
                item.state(),
                item.local(),
                item.remote(),
                item.lcore(),
                item.client(),
                item.rttNs(),
                item.rto(),
                item.cwnd(),
                item.retransmits(),
                item.placedBytes(),
                item.sentBytes(),
                Handle.of(tcb.lcore(), tcb.generation(), item.id()),
                consistent,
                tcb.has(TcbFlags.PASSIVE) ? "passive" : "active",
                ((int) (nowNs / NS_PER_SECOND) - tcb.createdSeconds()) * NS_PER_SECOND,
                tcb.has(TcbFlags.SACK_PERMITTED),
                tcb.has(TcbFlags.TIMESTAMPS),
                tcb.has(TcbFlags.WINDOW_SCALE),
                tcb.has(TcbFlags.ECN),
                tcb.sndWscale(),
                tcb.rcvWscale(),
                tcb.peerMss(),
                tcb.ourMss(),
                tcb.sndMss(),
                tcb.rcvMss(),
                tcb.pmtu() == 0 ? engine.mtu() : tcb.pmtu(),
                tcb.rttvarUs() * NS_PER_US,
                tcb.minRttUs() * NS_PER_US,
                tcb.backoff(),
                engine.congestionControl(),
                TcbPhases.congestion(tcb),
                TcbPhases.recovery(tcb),
                Integer.toUnsignedLong(tcb.ssthresh()),
                tcb.has(TcbFlags.REORDERING_SEEN),
                tcb.timeouts(),
                tcb.dsacksIn(),
                Integer.toUnsignedLong(tcb.outOfOrderIn()),
                tcb.segmentsIn(),
                tcb.segmentsOut(),
                tcb.acknowledgedPosition(),
                tcb.rcvNxt(),
                tcb.bytesRetransmitted(),
                Math.max(0, tcb.submitted() - sent),
                Math.max(0, tcb.sndMax() - tcb.sndUna()),
                tcb.sndUna(),
                tcb.sndNxt(),
                tcb.sndMax(),
                tcb.submitted(),
                Integer.toUnsignedLong(tcb.sndWnd()),
                tcb.rcvNxt(),
                tcb.rcvPosition(),
                tcb.rcvEdge(),
                Math.max(0, tcb.rcvEdge() - tcb.rcvPosition()),
                tcb.has(TcbFlags.NODELAY),
                sessions.postedReceives(item.id()),
                sessions.unconsumedBytes(item.id()),
                sessions.characteristic(item.id(), nowNs - tcb.lastReceiveNs()),
                sessions.characteristicReason(item.id(), nowNs - tcb.lastReceiveNs()),
                Integer.toUnsignedLong((int) (nowNs / NS_PER_MS) - tcb.lastSendMs()) * NS_PER_MS,
                Math.max(0, nowNs - tcb.lastReceiveNs()),
                shared(tcb, "retransmission", nowNs),
                shared(tcb, "persist", nowNs),
                shared(tcb, "reordering", nowNs),
                shared(tcb, "probe", nowNs),
                left(tcb.delayedAckDeadline(), nowNs),
                left(tcb.keepaliveDeadline(), nowNs),
                left(tcb.timeWaitDeadline(), nowNs));
    }

    /** Four timers share a deadline, of which one runs at a time. */
    private static Long shared(Tcb tcb, String timer, long nowNs) {
        return TcbPhases.retransmissionTimer(tcb).equals(timer) ? left(tcb.rexmtDeadline(), nowNs) : null;
    }

    private static Long left(long deadlineNs, long nowNs) {
        return deadlineNs == Long.MAX_VALUE ? null : deadlineNs - nowNs;
    }
}
