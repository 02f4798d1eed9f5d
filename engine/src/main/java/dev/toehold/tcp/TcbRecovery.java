package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;

/** Lines 5 and 6 of a TCB: loss detection and congestion control. Offsets and meanings stand in {@link TcbLayout}. */
abstract class TcbRecovery extends TcbTiming {
    /** Of tlpFlags: tlpEnd counts. */
    private static final int PROBE_IN_FLIGHT = 8;

    TcbRecovery(MemorySegment records) {
        super(records);
    }

    /** Of the client: the listener's or the CONNECT's. */
    public final long userData() {
        return getLong(TcbLayout.USER_DATA);
    }

    public final void userData(long value) {
        setLong(TcbLayout.USER_DATA, value);
    }

    /** When the connection was opened, in seconds of the lcore's clock. */
    public final int createdSeconds() {
        return getInt(TcbLayout.CREATED_SECONDS);
    }

    public final void createdSeconds(int value) {
        setInt(TcbLayout.CREATED_SECONDS, value);
    }

    /** When the last segment left, in ms of the lcore's clock, modulo 2^32. */
    public final int lastSendMs() {
        return getInt(TcbLayout.LAST_SEND_MS);
    }

    public final void lastSendMs(int value) {
        setInt(TcbLayout.LAST_SEND_MS, value);
    }

    /** HyStart++ windowEnd (RFC 9406). */
    public final long roundEnd() {
        return nearSndUna(getInt(TcbLayout.ROUND_END));
    }

    public final void roundEnd(long value) {
        setInt(TcbLayout.ROUND_END, (int) value);
    }

    /** RACK.xmit_ts (RFC 8985). */
    public final long rackXmitNs() {
        return getLong(TcbLayout.RACK_XMIT_NS);
    }

    public final void rackXmitNs(long value) {
        setLong(TcbLayout.RACK_XMIT_NS, value);
    }

    /** RACK.end_seq. */
    public final long rackEnd() {
        return nearSndUna(getInt(TcbLayout.RACK_END));
    }

    public final void rackEnd(long value) {
        setInt(TcbLayout.RACK_END, (int) value);
    }

    /** TLP.end_seq, -1 = no probe in flight. */
    public final long tlpEnd() {
        return (getByte(TcbLayout.TLP_FLAGS) & PROBE_IN_FLIGHT) == 0 ? -1 : nearSndUna(getInt(TcbLayout.TLP_END));
    }

    public final void tlpEnd(long value) {
        int others = getByte(TcbLayout.TLP_FLAGS) & ~PROBE_IN_FLIGHT;
        setByte(TcbLayout.TLP_FLAGS, value < 0 ? others : others | PROBE_IN_FLIGHT);
        setInt(TcbLayout.TLP_END, (int) value);
    }

    /** Start of the CUBIC epoch, 0 = none. */
    public final int epochStartMs() {
        return getInt(TcbLayout.EPOCH_START_MS);
    }

    public final void epochStartMs(int value) {
        setInt(TcbLayout.EPOCH_START_MS, value);
    }

    /** CUBIC W_est before the last reduction. */
    public final int undoWEst() {
        return getInt(TcbLayout.UNDO_W_EST);
    }

    public final void undoWEst(int value) {
        setInt(TcbLayout.UNDO_W_EST, value);
    }

    /** CUBIC W_max before the last reduction, unless that ended the first slow start. */
    public final int undoWMax() {
        return getInt(TcbLayout.UNDO_W_MAX);
    }

    public final void undoWMax(int value) {
        setInt(TcbLayout.UNDO_W_MAX, value);
    }

    /** CUBIC K, likewise. */
    public final int undoKMs() {
        return getInt(TcbLayout.UNDO_K_MS);
    }

    public final void undoKMs(int value) {
        setInt(TcbLayout.UNDO_K_MS, value);
    }

    /** Start of the CUBIC epoch, likewise. */
    public final int undoEpochStartMs() {
        return getInt(TcbLayout.UNDO_EPOCH_START_MS);
    }

    public final void undoEpochStartMs(int value) {
        setInt(TcbLayout.UNDO_EPOCH_START_MS, value);
    }

    /** RACK.dsack_round as a sequence number. */
    public final int rackDsackRound() {
        return getInt(TcbLayout.RACK_DSACK_ROUND);
    }

    public final void rackDsackRound(int value) {
        setInt(TcbLayout.RACK_DSACK_ROUND, value);
    }

    /** Cwnd before the last reduction. */
    public final int undoCwnd() {
        return getInt(TcbLayout.UNDO_CWND);
    }

    public final void undoCwnd(int value) {
        setInt(TcbLayout.UNDO_CWND, value);
    }

    /** Ssthresh before the last reduction. */
    public final int undoSsthresh() {
        return getInt(TcbLayout.UNDO_SSTHRESH);
    }

    public final void undoSsthresh(int value) {
        setInt(TcbLayout.UNDO_SSTHRESH, value);
    }

    /** CUBIC W_max in bytes. */
    public final int wMax() {
        return getInt(TcbLayout.W_MAX);
    }

    public final void wMax(int value) {
        setInt(TcbLayout.W_MAX, value);
    }

    /** CUBIC W_est in bytes. */
    public final int wEst() {
        return getInt(TcbLayout.W_EST);
    }

    public final void wEst(int value) {
        setInt(TcbLayout.W_EST, value);
    }

    /** Bytes sent again since the last reduction and not reported as duplicates. */
    public final int undoRetransmitted() {
        return getInt(TcbLayout.UNDO_RETRANSMITTED);
    }

    public final void undoRetransmitted(int value) {
        setInt(TcbLayout.UNDO_RETRANSMITTED, value);
    }

    /** CUBIC K. */
    public final int kMs() {
        return getInt(TcbLayout.K_MS);
    }

    public final void kMs(int value) {
        setInt(TcbLayout.K_MS, value);
    }

    /** Bytes acknowledged and not yet turned into cwnd. */
    public final int ackedBytes() {
        return getInt(TcbLayout.ACKED_BYTES);
    }

    public final void ackedBytes(int value) {
        setInt(TcbLayout.ACKED_BYTES, value);
    }

    /** PRR (RFC 6937). */
    public final int prrDelivered() {
        return getInt(TcbLayout.PRR_DELIVERED);
    }

    public final void prrDelivered(int value) {
        setInt(TcbLayout.PRR_DELIVERED, value);
    }

    /** PRR. */
    public final int prrOut() {
        return getInt(TcbLayout.PRR_OUT);
    }

    public final void prrOut(int value) {
        setInt(TcbLayout.PRR_OUT, value);
    }

    /** PRR RecoverFS. */
    public final int recoverFs() {
        return getInt(TcbLayout.RECOVER_FS);
    }

    public final void recoverFs(int value) {
        setInt(TcbLayout.RECOVER_FS, value);
    }

    /** LastRoundMinRTT. */
    public final int hystartLastRttUs() {
        return getInt(TcbLayout.HYSTART_LAST_RTT_US);
    }

    public final void hystartLastRttUs(int value) {
        setInt(TcbLayout.HYSTART_LAST_RTT_US, value);
    }

    /** CurrentRoundMinRTT. */
    public final int hystartRttUs() {
        return getInt(TcbLayout.HYSTART_RTT_US);
    }

    public final void hystartRttUs(int value) {
        setInt(TcbLayout.HYSTART_RTT_US, value);
    }

    /** CssBaselineMinRtt. */
    public final int hystartBaselineUs() {
        return getInt(TcbLayout.HYSTART_BASELINE_US);
    }

    public final void hystartBaselineUs(int value) {
        setInt(TcbLayout.HYSTART_BASELINE_US, value);
    }

    /** RttSampleCount of the round, saturating. */
    public final int hystartSamples() {
        return getByte(TcbLayout.HYSTART_SAMPLES);
    }

    public final void hystartSamples(int value) {
        setByte(TcbLayout.HYSTART_SAMPLES, value);
    }

    /** Rounds spent in CSS. */
    public final int hystartRounds() {
        return getByte(TcbLayout.HYSTART_ROUNDS);
    }

    public final void hystartRounds(int value) {
        setByte(TcbLayout.HYSTART_ROUNDS, value);
    }

    /** RACK.reo_wnd_mult. */
    public final int rackReoMultiplier() {
        return getByte(TcbLayout.RACK_REO_MULTIPLIER);
    }

    public final void rackReoMultiplier(int value) {
        setByte(TcbLayout.RACK_REO_MULTIPLIER, value);
    }

    /** RACK.reo_wnd_persist. */
    public final int rackReoPersist() {
        return getByte(TcbLayout.RACK_REO_PERSIST);
    }

    public final void rackReoPersist(int value) {
        setByte(TcbLayout.RACK_REO_PERSIST, value);
    }

    /** RACK.rtt. */
    public final int rackRttUs() {
        return getInt(TcbLayout.RACK_RTT_US);
    }

    public final void rackRttUs(int value) {
        setInt(TcbLayout.RACK_RTT_US, value);
    }

    /** RFC 5482, 0 = the configured limit. */
    public final int userTimeoutMs() {
        return getInt(TcbLayout.USER_TIMEOUT_MS);
    }

    public final void userTimeoutMs(int value) {
        setInt(TcbLayout.USER_TIMEOUT_MS, value);
    }

    /** When what is unacknowledged was sent first, or an ACK of something new came; 0 = nothing is. */
    public final int rexmtStartMs() {
        return getInt(TcbLayout.REXMT_START_MS);
    }

    public final void rexmtStartMs(int value) {
        setInt(TcbLayout.REXMT_START_MS, value);
    }

    /** When tsRecent was updated. */
    public final int tsRecentAgeSeconds() {
        return getInt(TcbLayout.TS_RECENT_AGE_SECONDS);
    }

    public final void tsRecentAgeSeconds(int value) {
        setInt(TcbLayout.TS_RECENT_AGE_SECONDS, value);
    }
}
