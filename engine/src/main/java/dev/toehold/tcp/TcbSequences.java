package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;

/** Lines 1 and 2 of a TCB: the send and receive variables of RFC 9293 section 3.3.1, and options. Offsets and meanings stand in {@link TcbLayout}. */
abstract class TcbSequences extends TcbIdentity {
    TcbSequences(MemorySegment records) {
        super(records);
    }

    /** Initial send sequence number. */
    public final int iss() {
        return getInt(TcbLayout.ISS);
    }

    public final void iss(int value) {
        setInt(TcbLayout.ISS, value);
    }

    /** Initial receive sequence number. */
    public final int irs() {
        return getInt(TcbLayout.IRS);
    }

    public final void irs(int value) {
        setInt(TcbLayout.IRS, value);
    }

    /** Oldest unacknowledged position; -1 = our SYN. */
    public final long sndUna() {
        return getLong(TcbLayout.SND_UNA);
    }

    /** For {@link TcbStore} alone. */
    public final void sndUnaRelease(long value) {
        setLongRelease(TcbLayout.SND_UNA, value);
    }

    /** Next position to send. */
    public final long sndNxt() {
        return getLong(TcbLayout.SND_NXT);
    }

    public final void sndNxt(long value) {
        setLong(TcbLayout.SND_NXT, value);
    }

    /** Highest position ever sent; stored before the transmission. */
    public final long sndMax() {
        return getLong(TcbLayout.SND_MAX);
    }

    /** For {@link TcbStore} alone. */
    public final void sndMaxRelease(long value) {
        setLongRelease(TcbLayout.SND_MAX, value);
    }

    /** End of the data that the application gave. */
    public final long submitted() {
        return getLong(TcbLayout.SUBMITTED);
    }

    public final void submitted(long value) {
        setLong(TcbLayout.SUBMITTED, value);
    }

    /** Send window in bytes, scaled. */
    public final int sndWnd() {
        return getInt(TcbLayout.SND_WND);
    }

    public final void sndWnd(int value) {
        setInt(TcbLayout.SND_WND, value);
    }

    /** Largest send window seen (RFC 9293 section 3.8.6.2.1). */
    public final int maxSndWnd() {
        return getInt(TcbLayout.MAX_SND_WND);
    }

    public final void maxSndWnd(int value) {
        setInt(TcbLayout.MAX_SND_WND, value);
    }

    /** SEG.SEQ of the last window update. */
    public final int sndWl1() {
        return getInt(TcbLayout.SND_WL1);
    }

    public final void sndWl1(int value) {
        setInt(TcbLayout.SND_WL1, value);
    }

    /** SEG.ACK of the last window update. */
    public final int sndWl2() {
        return getInt(TcbLayout.SND_WL2);
    }

    public final void sndWl2(int value) {
        setInt(TcbLayout.SND_WL2, value);
    }

    /** Congestion window in bytes. */
    public final int cwnd() {
        return getInt(TcbLayout.CWND);
    }

    public final void cwnd(int value) {
        setInt(TcbLayout.CWND, value);
    }

    /** Slow start threshold in bytes. */
    public final int ssthresh() {
        return getInt(TcbLayout.SSTHRESH);
    }

    public final void ssthresh(int value) {
        setInt(TcbLayout.SSTHRESH, value);
    }

    /** Working: end of the contiguous bytes placed. */
    public final long rcvNxt() {
        return getLong(TcbLayout.RCV_NXT);
    }

    public final void rcvNxt(long value) {
        setLong(TcbLayout.RCV_NXT, value);
    }

    /** Committed: what an ACK may cover. */
    public final long rcvPosition() {
        return getLong(TcbLayout.RCV_POSITION);
    }

    /** For {@link TcbStore} alone. */
    public final void rcvPositionRelease(long value) {
        setLongRelease(TcbLayout.RCV_POSITION, value);
    }

    /** Right window edge as promised to the peer. */
    public final long rcvEdge() {
        return getLong(TcbLayout.RCV_EDGE);
    }

    /** For {@link TcbStore} alone. */
    public final void rcvEdgeRelease(long value) {
        setLongRelease(TcbLayout.RCV_EDGE, value);
    }

    /** Right edge that the host has granted. */
    public final long rcvGrant() {
        return getLong(TcbLayout.RCV_GRANT);
    }

    public final void rcvGrant(long value) {
        setLong(TcbLayout.RCV_GRANT, value);
    }

    /** Least move of rcvEdge: a full segment or half of the buffer; 0 = half of what is left of rcvGrant. */
    public final int rcvStep() {
        return getShort(TcbLayout.RCV_STEP);
    }

    public final void rcvStep(int value) {
        setShort(TcbLayout.RCV_STEP, value);
    }

    /** RcvPosition of the last segment sent (Last.ACK.sent). */
    public final long lastAckSent() {
        return getLong(TcbLayout.LAST_ACK_SENT);
    }

    public final void lastAckSent(long value) {
        setLong(TcbLayout.LAST_ACK_SENT, value);
    }

    /** TS.Recent (RFC 7323). */
    public final int tsRecent() {
        return getInt(TcbLayout.TS_RECENT);
    }

    public final void tsRecent(int value) {
        setInt(TcbLayout.TS_RECENT, value);
    }

    /** Last TSval sent. */
    public final int lastTsVal() {
        return getInt(TcbLayout.LAST_TS_VAL);
    }

    public final void lastTsVal(int value) {
        setInt(TcbLayout.LAST_TS_VAL, value);
    }

    /** Immediate ACKs owed for segments out of order. */
    public final int dupAcksOwed() {
        return getShort(TcbLayout.DUP_ACKS_OWED);
    }

    public final void dupAcksOwed(int value) {
        setShort(TcbLayout.DUP_ACKS_OWED, value);
    }

    /** MSS option of the peer, or the default. */
    public final int peerMss() {
        return getShort(TcbLayout.PEER_MSS);
    }

    public final void peerMss(int value) {
        setShort(TcbLayout.PEER_MSS, value);
    }

    /** MSS option that we sent. */
    public final int ourMss() {
        return getShort(TcbLayout.OUR_MSS);
    }

    public final void ourMss(int value) {
        setShort(TcbLayout.OUR_MSS, value);
    }

    /** Largest segment to send, options included. */
    public final int sndMss() {
        return getShort(TcbLayout.SND_MSS);
    }

    public final void sndMss(int value) {
        setShort(TcbLayout.SND_MSS, value);
    }

    /** Largest payload seen of the peer. */
    public final int rcvMss() {
        return getShort(TcbLayout.RCV_MSS);
    }

    public final void rcvMss(int value) {
        setShort(TcbLayout.RCV_MSS, value);
    }

    /** Path MTU, 0 = the port's. */
    public final int pmtu() {
        return getShort(TcbLayout.PMTU);
    }

    public final void pmtu(int value) {
        setShort(TcbLayout.PMTU, value);
    }

    /** Shift of the windows that the peer sends. */
    public final int sndWscale() {
        return getByte(TcbLayout.SND_WSCALE);
    }

    public final void sndWscale(int value) {
        setByte(TcbLayout.SND_WSCALE, value);
    }

    /** Shift of the windows that we send. */
    public final int rcvWscale() {
        return getByte(TcbLayout.RCV_WSCALE);
    }

    public final void rcvWscale(int value) {
        setByte(TcbLayout.RCV_WSCALE, value);
    }

    /** Consecutive duplicate ACKs, saturating. */
    public final int dupAcks() {
        return getByte(TcbLayout.DUP_ACKS);
    }

    public final void dupAcks(int value) {
        setByte(TcbLayout.DUP_ACKS, value);
    }

    /** Of the IP header, the two bits of ECN not included. */
    public final int trafficClass() {
        return getByte(TcbLayout.TRAFFIC_CLASS);
    }

    public final void trafficClass(int value) {
        setByte(TcbLayout.TRAFFIC_CLASS, value);
    }

    /** The position near sndUna that has this low half. */
    final long nearSndUna(int low) {
        return sndUna() + (low - (int) sndUna());
    }
}
