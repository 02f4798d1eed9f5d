package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;

/**
 * Flyweight over one TCB record of the state file ({@link TcbLayout}); {@link #wrap(int)} moves it, nothing is allocated.
 *
 * <p>One lcore owns a record and is its only writer. Setters named {@code xxxRelease} belong to {@link TcbStore}; the others
 * write plainly. The host fills in the identity, {@code iss}, {@code ourMss}, {@code pmtu}, {@code userData} and
 * the first {@code rcvGrant} before it opens a connection; the rest is the core's.
 */
public final class Tcb extends TcbRecovery {
    public Tcb(MemorySegment records) {
        super(records);
    }

    /** Moves to the record of this index and returns this flyweight. */
    public Tcb wrap(int index) {
        position((long) index * TcbLayout.LENGTH);
        return this;
    }

    /** Zeroes the record and sets what must not be zero when nothing is known: state FREE, no side structures, no deadlines. */
    public void initialize() {
        int keptGeneration = generation();
        int keptIndex = index();
        clear();
        generation(keptGeneration);
        index(keptIndex);
        listenerIndex(-1);
        rangesIndex(-1);
        scoreboardIndex(-1);
        receiveQueueIndex(-1);
        sendQueueIndex(-1);
        rexmtDeadline(Long.MAX_VALUE);
        delayedAckDeadline(Long.MAX_VALUE);
        keepaliveDeadline(Long.MAX_VALUE);
        timeWaitDeadline(Long.MAX_VALUE);
        corkDeadline(Long.MAX_VALUE);
        finPending(-1);
        tlpEnd(-1);
        finSentRelease(-1);
        finReceivedRelease(-1);
    }

    public int stateAcquire() {
        return getIntAcquire(TcbLayout.STATE);
    }

    public boolean has(int flag) {
        return (flags() & flag) != 0;
    }

    void set(int flag) {
        flags(flags() | flag);
    }

    void unset(int flag) {
        flags(flags() & ~flag);
    }

    public void set(int flag, boolean on) {
        flags(on ? flags() | flag : flags() & ~flag);
    }

    /** Low 32 bits of sndMax at the last reduction by ECN. */
    int ecnRecover() {
        return getInt(TcbLayout.ECN_RECOVER);
    }

    void ecnRecover(int position) {
        setInt(TcbLayout.ECN_RECOVER, position);
    }

    /** The sequence number of a position that we send. */
    public int sendSequence(long position) {
        return iss() + 1 + (int) position;
    }

    /** The position of a sequence number in our direction, the one nearest to sndUna. */
    public long sendPosition(int sequence) {
        return sndUna() + (sequence - sendSequence(sndUna()));
    }

    /** RCV.NXT on the wire: a FIN whose turn has come counts. */
    public int rcvNxtSequence() {
        return irs() + 1 + (int) rcvNxt() + (has(TcbFlags.END_OF_STREAM) ? 1 : 0);
    }

    /** The position of a sequence number in the peer's direction, the one nearest to rcvNxt. */
    public long receivePosition(int sequence) {
        return rcvNxt() + (sequence - (irs() + 1 + (int) rcvNxt()));
    }

    /** What an ACK may carry now: the committed bytes, and the FIN once that is committed. */
    public int ackSequence() {
        return irs() + 1 + (int) rcvPosition() + (finReceived() >= 0 ? 1 : 0);
    }

    /** End of the application's bytes that the peer has acknowledged; never counts SYN or FIN. */
    public long acknowledgedPosition() {
        return Math.max(0, finSent() >= 0 ? Math.min(sndUna(), finSent()) : sndUna());
    }

    boolean finAcknowledged() {
        return finSent() >= 0 && sndUna() > finSent();
    }

    /** The next moment at which the core wants {@code onTimer}; Long.MAX_VALUE = never. */
    public long nextDeadline() {
        long segments = Math.min(Math.min(rexmtDeadline(), delayedAckDeadline()), corkDeadline());
        return Math.min(segments, Math.min(keepaliveDeadline(), timeWaitDeadline()));
    }

    public final long segmentsIn() {
        return getLong(TcbLayout.SEGMENTS_IN);
    }

    public final void segmentsIn(long value) {
        setLong(TcbLayout.SEGMENTS_IN, value);
    }

    public final long segmentsOut() {
        return getLong(TcbLayout.SEGMENTS_OUT);
    }

    public final void segmentsOut(long value) {
        setLong(TcbLayout.SEGMENTS_OUT, value);
    }

    /** Out of order included. */
    public final long bytesPlaced() {
        return getLong(TcbLayout.BYTES_PLACED);
    }

    public final void bytesPlaced(long value) {
        setLong(TcbLayout.BYTES_PLACED, value);
    }

    public final long bytesRetransmitted() {
        return getLong(TcbLayout.BYTES_RETRANSMITTED);
    }

    public final void bytesRetransmitted(long value) {
        setLong(TcbLayout.BYTES_RETRANSMITTED, value);
    }

    /** Text that left, retransmissions included. */
    public final long bytesSent() {
        long end = finSent() >= 0 ? Math.min(sndMax(), finSent()) : sndMax();
        return Math.max(0, end) + bytesRetransmitted();
    }

    /** Segments. */
    public final int retransmits() {
        return getInt(TcbLayout.RETRANSMITS);
    }

    public final void retransmits(int value) {
        setInt(TcbLayout.RETRANSMITS, value);
    }

    /** Retransmission timeouts, saturating. */
    public final int timeouts() {
        return getShort(TcbLayout.TIMEOUTS);
    }

    public final void timeouts(int value) {
        setShort(TcbLayout.TIMEOUTS, Math.min(value, 0xFFFF));
    }

    /** ACKs that reported a duplicate (RFC 2883), saturating. */
    public final int dsacksIn() {
        return getShort(TcbLayout.DSACKS_IN);
    }

    public final void dsacksIn(int value) {
        setShort(TcbLayout.DSACKS_IN, Math.min(value, 0xFFFF));
    }

    /** Segments. */
    public final int outOfOrderIn() {
        return getInt(TcbLayout.OUT_OF_ORDER_IN);
    }

    public final void outOfOrderIn(int value) {
        setInt(TcbLayout.OUT_OF_ORDER_IN, value);
    }

    /** Challenge ACKs in challengeSecond. */
    public final int challengeCount() {
        return getByte(TcbLayout.CHALLENGE_COUNT);
    }

    public final void challengeCount(int value) {
        setByte(TcbLayout.CHALLENGE_COUNT, value);
    }

    /** TLP and F-RTO phases. */
    public final int tlpFlags() {
        return getByte(TcbLayout.TLP_FLAGS);
    }

    public final void tlpFlags(int value) {
        setByte(TcbLayout.TLP_FLAGS, value);
    }

    /** Modulo 2^16. */
    public final int challengeSecond() {
        return getShort(TcbLayout.CHALLENGE_SECOND);
    }

    public final void challengeSecond(int value) {
        setShort(TcbLayout.CHALLENGE_SECOND, value);
    }

    /** When pmtu was lowered, in minutes of the lcore's clock, modulo 2^16. */
    public final int pmtuMinute() {
        return getShort(TcbLayout.PMTU_MINUTE);
    }

    public final void pmtuMinute(int value) {
        setShort(TcbLayout.PMTU_MINUTE, value);
    }

    /** Host: posted RECEIVEs and bindings, -1 = none. */
    public final int receiveQueueIndex() {
        return getInt(TcbLayout.RECEIVE_QUEUE_INDEX);
    }

    public final void receiveQueueIndex(int value) {
        setInt(TcbLayout.RECEIVE_QUEUE_INDEX, value);
    }

    /** Host: submitted SENDs, -1 = none. */
    public final int sendQueueIndex() {
        return getInt(TcbLayout.SEND_QUEUE_INDEX);
    }

    public final void sendQueueIndex(int value) {
        setInt(TcbLayout.SEND_QUEUE_INDEX, value);
    }
}
