package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;

/** Lines 3 and 4 of a TCB: deadlines, round trips and the positions of FINs and recovery. Offsets and meanings stand in {@link TcbLayout}. */
abstract class TcbTiming extends TcbSequences {
    TcbTiming(MemorySegment records) {
        super(records);
    }

    /** Retransmission or persist, ns; Long.MAX_VALUE = off. */
    public final long rexmtDeadline() {
        return getLong(TcbLayout.REXMT_DEADLINE);
    }

    public final void rexmtDeadline(long value) {
        setLong(TcbLayout.REXMT_DEADLINE, value);
    }

    public final long delayedAckDeadline() {
        return getLong(TcbLayout.DELAYED_ACK_DEADLINE);
    }

    public final void delayedAckDeadline(long value) {
        setLong(TcbLayout.DELAYED_ACK_DEADLINE, value);
    }

    public final long keepaliveDeadline() {
        return getLong(TcbLayout.KEEPALIVE_DEADLINE);
    }

    public final void keepaliveDeadline(long value) {
        setLong(TcbLayout.KEEPALIVE_DEADLINE, value);
    }

    /** 2 MSL, or the end of lingering. */
    public final long timeWaitDeadline() {
        return getLong(TcbLayout.TIME_WAIT_DEADLINE);
    }

    public final void timeWaitDeadline(long value) {
        setLong(TcbLayout.TIME_WAIT_DEADLINE, value);
    }

    /** SRTT (RFC 6298), 0 = no sample yet. */
    public final int srttUs() {
        return getInt(TcbLayout.SRTT_US);
    }

    public final void srttUs(int value) {
        setInt(TcbLayout.SRTT_US, value);
    }

    /** RTTVAR. */
    public final int rttvarUs() {
        return getInt(TcbLayout.RTTVAR_US);
    }

    public final void rttvarUs(int value) {
        setInt(TcbLayout.RTTVAR_US, value);
    }

    /** RTO without backoff. */
    public final int rtoUs() {
        return getInt(TcbLayout.RTO_US);
    }

    public final void rtoUs(int value) {
        setInt(TcbLayout.RTO_US, value);
    }

    /** Least round trip of the last minutes, 0 = none. */
    public final int minRttUs() {
        return getInt(TcbLayout.MIN_RTT_US);
    }

    public final void minRttUs(int value) {
        setInt(TcbLayout.MIN_RTT_US, value);
    }

    /** Least round trip since minRttSeconds. */
    public final int minRttNextUs() {
        return getInt(TcbLayout.MIN_RTT_NEXT_US);
    }

    public final void minRttNextUs(int value) {
        setInt(TcbLayout.MIN_RTT_NEXT_US, value);
    }

    /** When the window of minRttUs that is filled now began. */
    public final int minRttSeconds() {
        return getInt(TcbLayout.MIN_RTT_SECONDS);
    }

    public final void minRttSeconds(int value) {
        setInt(TcbLayout.MIN_RTT_SECONDS, value);
    }

    /** When text that MORE holds back goes all the same, ns; Long.MAX_VALUE = off. */
    public final long corkDeadline() {
        return getLong(TcbLayout.CORK_DEADLINE);
    }

    public final void corkDeadline(long value) {
        setLong(TcbLayout.CORK_DEADLINE, value);
    }

    /** Slot in ReassemblyRanges, -1 = none. */
    public final int rangesIndex() {
        return getInt(TcbLayout.RANGES_INDEX);
    }

    public final void rangesIndex(int value) {
        setInt(TcbLayout.RANGES_INDEX, value);
    }

    /** Slot in the Scoreboard, -1 = none. */
    public final int scoreboardIndex() {
        return getInt(TcbLayout.SCOREBOARD_INDEX);
    }

    public final void scoreboardIndex(int value) {
        setInt(TcbLayout.SCOREBOARD_INDEX, value);
    }

    /** Consecutive retransmission timeouts. */
    public final int backoff() {
        return getByte(TcbLayout.BACKOFF);
    }

    public final void backoff(int value) {
        setByte(TcbLayout.BACKOFF, value);
    }

    /** Consecutive window probes. */
    public final int persistBackoff() {
        return getByte(TcbLayout.PERSIST_BACKOFF);
    }

    public final void persistBackoff(int value) {
        setByte(TcbLayout.PERSIST_BACKOFF, value);
    }

    /** RecoveryPhase. */
    public final int recovery() {
        return getByte(TcbLayout.RECOVERY);
    }

    public final void recovery(int value) {
        setByte(TcbLayout.RECOVERY, value);
    }

    /** Unanswered keepalive probes. */
    public final int keepaliveProbes() {
        return getByte(TcbLayout.KEEPALIVE_PROBES);
    }

    public final void keepaliveProbes(int value) {
        setByte(TcbLayout.KEEPALIVE_PROBES, value);
    }

    /** TSval = nowNs in ms + tsOffset. */
    public final int tsOffset() {
        return getInt(TcbLayout.TS_OFFSET);
    }

    /** For {@link TcbStore} alone. */
    public final void tsOffsetRelease(int value) {
        setIntRelease(TcbLayout.TS_OFFSET, value);
    }

    /** Position of our FIN, -1 = not sent. */
    public final long finSent() {
        return getLong(TcbLayout.FIN_SENT);
    }

    /** For {@link TcbStore} alone. */
    public final void finSentRelease(long value) {
        setLongRelease(TcbLayout.FIN_SENT, value);
    }

    /** Position of a FIN that arrived, -1 = none. */
    public final long finPending() {
        return getLong(TcbLayout.FIN_PENDING);
    }

    public final void finPending(long value) {
        setLong(TcbLayout.FIN_PENDING, value);
    }

    /** Position of the peer's FIN once committed, -1 = none. */
    public final long finReceived() {
        return getLong(TcbLayout.FIN_RECEIVED);
    }

    /** For {@link TcbStore} alone. */
    public final void finReceivedRelease(long value) {
        setLongRelease(TcbLayout.FIN_RECEIVED, value);
    }

    /** SndMax when recovery began (RFC 6582, 6675). */
    public final long recover() {
        return getLong(TcbLayout.RECOVER);
    }

    public final void recover(long value) {
        setLong(TcbLayout.RECOVER, value);
    }

    /** An ACK that reaches it ends the round trip being timed. */
    public final long rttPosition() {
        return nearSndUna(getInt(TcbLayout.RTT_POSITION));
    }

    public final void rttPosition(long value) {
        setInt(TcbLayout.RTT_POSITION, (int) value);
    }

    /** When it was sent. */
    public final long rttStartNs() {
        return getLong(TcbLayout.RTT_START_NS);
    }

    public final void rttStartNs(long value) {
        setLong(TcbLayout.RTT_START_NS, value);
    }

    /** Highest position that was ever SACKed or acknowledged (RACK.fack). */
    public final long rackFack() {
        return nearSndUna(getInt(TcbLayout.RACK_FACK));
    }

    public final void rackFack(long value) {
        setInt(TcbLayout.RACK_FACK, (int) value);
    }

    /** When the last acceptable segment came. */
    public final long lastReceiveNs() {
        return getLong(TcbLayout.LAST_RECEIVE_NS);
    }

    public final void lastReceiveNs(long value) {
        setLong(TcbLayout.LAST_RECEIVE_NS, value);
    }
}
