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
    public static final int COUNT = 38;

    private static final String[] NAMES = {
        "tcp.segments.in",
        "tcp.segments.out",
        "tcp.bytes.in",
        "tcp.bytes.out",
        "tcp.retransmits",
        "tcp.retransmission.timeouts",
        "tcp.fast.recoveries",
        "tcp.duplicate.acks.in",
        "tcp.duplicates.in",
        "tcp.out.of.order.in",
        "tcp.outside.window.in",
        "tcp.paws.drops",
        "tcp.missing.timestamps",
        "tcp.unacceptable.acks",
        "tcp.no.ack.drops",
        "tcp.resets.in",
        "tcp.resets.sent",
        "tcp.challenge.acks.sent",
        "tcp.challenge.acks.limited",
        "tcp.no.room.drops",
        "tcp.reassembly.exhausted",
        "tcp.window.probes.sent",
        "tcp.keepalives.sent",
        "tcp.active.opens",
        "tcp.passive.opens",
        "tcp.established",
        "tcp.timed.out",
        "tcp.urgent.in",
        "tcp.output.stalls",
        "tcp.scoreboard.exhausted",
        "tcp.tail.loss.probes",
        "tcp.spurious.recoveries",
        "tcp.ecn.reductions",
        "tcp.pmtu.reductions",
        "tcp.losses.detected",
        "tcp.congestion.marks.in",
        "tcp.pmtu.black.holes",
        "tcp.senseless.sack.blocks"
    };

    private final long[] values = new long[COUNT];

    public static String name(int counter) {
        return NAMES[counter];
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
