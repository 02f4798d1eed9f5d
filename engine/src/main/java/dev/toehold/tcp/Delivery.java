package dev.toehold.tcp;

/** What one ACK says was delivered: filled while the scoreboard is updated, one per core. */
final class Delivery {
    private final Rack rack;
    private long nowNs;
    private Segment segment;

    /** Bytes newly acknowledged or SACKed (PRR's DeliveredData). */
    long bytes;

    /** A SACK block told something new. */
    boolean sacked;

    /** Bytes that were sent once only are among them, and before the last recovery began. */
    boolean original;

    /** The latest transmission of such bytes, for a round trip; Long.MIN_VALUE = none. */
    long originalXmitNs;

    /** The first block reported a duplicate (RFC 2883). */
    boolean duplicate;

    /** What it reported. */
    long duplicateStart;

    long duplicateEnd;
    private long fackBefore;

    Delivery(Rack rack) {
        this.rack = rack;
    }

    void begin(Tcb tcb, Segment arrived, long atNs) {
        fackBefore = tcb.rackFack();
        segment = arrived;
        nowNs = atNs;
        bytes = 0;
        sacked = false;
        original = false;
        originalXmitNs = Long.MIN_VALUE;
        duplicate = false;
    }

    void add(Tcb tcb, long start, long end, long xmitNs, boolean retransmitted) {
        bytes += end - start;
        if (!retransmitted) {
            original |= end <= tcb.recover();
            originalXmitNs = Math.max(originalXmitNs, xmitNs);
        }
        rack.update(tcb, segment, fackBefore, end, xmitNs, retransmitted, nowNs);
    }
}
