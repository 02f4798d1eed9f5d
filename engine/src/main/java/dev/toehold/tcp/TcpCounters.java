package dev.toehold.tcp;

/**
 * What the core counts, one array per lcore: the owner writes plainly, whoever publishes reads the array on the same lcore.
 */
public final class TcpCounters {
    public static final int SEGMENTS_IN = 0;
    public static final int SEGMENTS_OUT = 1;
    public static final int BYTES_IN = 2;
    public static final int BYTES_OUT = 3;
    public static final int RETRANSMITS = 4;
    public static final int RETRANSMISSION_TIMEOUTS = 5;
    public static final int FAST_RECOVERIES = 6;
    public static final int DUPLICATE_ACKS_IN = 7;
    public static final int DUPLICATES_IN = 8;
    public static final int OUT_OF_ORDER_IN = 9;
    public static final int OUTSIDE_WINDOW_IN = 10;
    public static final int PAWS_DROPS = 11;
    public static final int MISSING_TIMESTAMPS = 12;
    public static final int UNACCEPTABLE_ACKS = 13;
    public static final int NO_ACK_DROPS = 14;
    public static final int RESETS_IN = 15;
    public static final int RESETS_SENT = 16;
    public static final int CHALLENGE_ACKS_SENT = 17;
    public static final int CHALLENGE_ACKS_LIMITED = 18;
    public static final int NO_ROOM_DROPS = 19;
    public static final int REASSEMBLY_EXHAUSTED = 20;
    public static final int WINDOW_PROBES_SENT = 21;
    public static final int KEEPALIVES_SENT = 22;
    public static final int ACTIVE_OPENS = 23;
    public static final int PASSIVE_OPENS = 24;
    public static final int ESTABLISHED = 25;
    public static final int TIMED_OUT = 26;
    public static final int URGENT_IN = 27;
    public static final int OUTPUT_STALLS = 28;
    public static final int SCOREBOARD_EXHAUSTED = 29;
    public static final int TAIL_LOSS_PROBES = 30;
    public static final int SPURIOUS_RECOVERIES = 31;
    public static final int ECN_REDUCTIONS = 32;
    public static final int PMTU_REDUCTIONS = 33;
    public static final int LOSSES_DETECTED = 34;
    public static final int CONGESTION_MARKS_IN = 35;
    public static final int PMTU_BLACK_HOLES = 36;
    public static final int SENSELESS_SACK_BLOCKS = 37;
    public static final int RETRANSMITS_SYN = 38;
    public static final int RETRANSMITS_FAST = 39;
    public static final int RETRANSMITS_TIMEOUT = 40;
    public static final int RETRANSMITS_PROBE = 41;
    public static final int RETRANSMITS_OTHER = 42;
    public static final int SACK_BLOCKS_IN = 43;
    public static final int SACK_BLOCKS_OUT = 44;
    public static final int DSACKS_IN = 45;
    public static final int ZERO_WINDOWS_IN = 46;
    public static final int ZERO_WINDOWS_OUT = 47;
    public static final int OUT_OF_ORDER_BYTES_IN = 48;
    public static final int COUNT = 49;

    private static final long MAX_ROUND_TRIP_NS = 1L << 36;

    /** Name and meaning of each, in the order of their numbers. */
    private static final String[][] CATALOGUE = {
        {"tcp.segments.in", "segments that reached a connection"},
        {"tcp.segments.out", "segments sent by connections, retransmissions included"},
        {"tcp.bytes.in", "payload of segments that arrived, duplicates included"},
        {"tcp.bytes.out", "payload sent, retransmissions included"},
        {"tcp.retransmits", "segments sent again, for whatever cause"},
        {"tcp.retransmission.timeouts", "retransmission timers that expired (RFC 6298)"},
        {"tcp.fast.recoveries", "times that loss recovery began without a timeout"},
        {"tcp.duplicate.acks.in", "ACKs that acknowledged nothing new"},
        {"tcp.duplicates.in", "segments whose text had come before"},
        {"tcp.out.of.order.in", "segments that came ahead of a hole"},
        {"tcp.outside.window.in", "segments outside of the receive window"},
        {"tcp.paws.drops", "segments dropped for an old timestamp (RFC 7323 PAWS)"},
        {"tcp.missing.timestamps", "segments without the timestamp that was agreed on"},
        {"tcp.unacceptable.acks", "ACKs of what was never sent, or of long ago (RFC 5961 section 5)"},
        {"tcp.no.ack.drops", "segments without ACK on a synchronized connection"},
        {"tcp.resets.in", "acceptable RSTs"},
        {"tcp.resets.sent", "RSTs sent"},
        {"tcp.challenge.acks.sent", "challenge ACKs (RFC 5961)"},
        {"tcp.challenge.acks.limited", "challenge ACKs not sent for their number"},
        {"tcp.no.room.drops", "segments, or ends of segments, that found no place in client memory"},
        {"tcp.reassembly.exhausted", "out-of-order segments dropped because there were too many holes"},
        {"tcp.window.probes.sent", "probes of a closed window"},
        {"tcp.keepalives.sent", "keep-alive probes"},
        {"tcp.active.opens", "connections that clients opened"},
        {"tcp.passive.opens", "SYNs that listeners took"},
        {"tcp.established", "connections that reached ESTABLISHED"},
        {"tcp.timed.out", "connections given up because the peer did not answer"},
        {"tcp.urgent.in", "segments with urgent data"},
        {"tcp.output.stalls", "segments that found no room to be sent and waited"},
        {"tcp.scoreboard.exhausted", "flights that go without a SACK scoreboard, because all are in use"},
        {"tcp.tail.loss.probes", "tail loss probes (RFC 8985 section 7)"},
        {"tcp.spurious.recoveries", "reductions undone because nothing had been lost"},
        {"tcp.ecn.reductions", "reductions because of ECN marks that the peer reported"},
        {"tcp.pmtu.reductions", "times that a router said that a path takes less"},
        {"tcp.losses.detected", "segments that RACK found lost"},
        {"tcp.congestion.marks.in", "packets that arrived marked as having met congestion"},
        {"tcp.pmtu.black.holes", "times that a path swallowed full-sized segments without a word"},
        {"tcp.senseless.sack.blocks", "SACK blocks of what was never sent"},
        {"tcp.retransmits.syn", "of the segments sent again: SYNs"},
        {"tcp.retransmits.fast", "of the segments sent again: in loss recovery without a timeout"},
        {"tcp.retransmits.timeout", "of the segments sent again: after a timeout"},
        {"tcp.retransmits.probe", "of the segments sent again: tail loss and window probes"},
        {
            "tcp.retransmits.other",
            "of the segments sent again: after a change of path or window, or a restart of the engine"
        },
        {"tcp.sack.blocks.in", "SACK blocks that arrived"},
        {"tcp.sack.blocks.out", "SACK blocks sent, D-SACKs among them"},
        {"tcp.dsacks.in", "reports of the peer that something came twice (RFC 2883)"},
        {"tcp.zero.windows.in", "times that a peer closed its window"},
        {"tcp.zero.windows.out", "segments sent with a closed window"},
        {"tcp.out.of.order.bytes.in", "payload placed ahead of a hole"}
    };

    private final long[] values = new long[COUNT];

    /** Round trips in ns: each sample of every connection. */
    private final LogLinearHistogram roundTrips = new LogLinearHistogram(MAX_ROUND_TRIP_NS);

    public static String name(int counter) {
        return CATALOGUE[counter][0];
    }

    /** What it counts, in a line for people. */
    public static String meaning(int counter) {
        return CATALOGUE[counter][1];
    }

    public LogLinearHistogram roundTrips() {
        return roundTrips;
    }

    public long get(int counter) {
        return values[counter];
    }

    void increment(int counter) {
        values[counter]++;
    }

    void add(int counter, long amount) {
        values[counter] += amount;
    }
}
