package dev.toehold.perf.link;

import java.util.Arrays;
import java.util.Locale;
import java.util.StringJoiner;

/** What one direction of a link has done so far. One writer; a {@link #copy} is what others read. */
public final class LinkCounters {
    /** What is counted, in frames unless it says bytes. */
    public enum Count {
        RECEIVED,
        RECEIVED_BYTES,
        SENT,
        SENT_BYTES,
        /** Lost by themselves. */
        LOST,
        /** Lost in bursts. */
        LOST_IN_BURSTS,
        /** Copies, beyond the frames themselves. */
        DUPLICATED,
        REORDERED,
        CORRUPTED,
        /** Found the queue before the line full. */
        QUEUE_FULL,
        /** TCP segments with the RST flag that came, whatever became of them. */
        TCP_RESETS,
        /** Longer than any frame of the interface's MTU, hence dropped: an offload is still on. */
        OVERSIZED,
        /** Not by decision: the link was too slow to take them. */
        OVERRUN,
        /** Not by decision: the outgoing interface did not take them. */
        REFUSED;

        /** As in listings: words joined by dots. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '.');
        }
    }

    private static final Count[] COUNTS = Count.values();

    private final long[] values;

    LinkCounters() {
        this(new long[COUNTS.length]);
    }

    private LinkCounters(long[] values) {
        this.values = values;
    }

    void add(Count count, long more) {
        values[count.ordinal()] += more;
    }

    public long get(Count count) {
        return values[count.ordinal()];
    }

    /** Frames that were dropped although no impairment said so: a measurement with any is of the link. */
    public long accidents() {
        return get(Count.OVERSIZED) + get(Count.OVERRUN) + get(Count.REFUSED);
    }

    LinkCounters copy() {
        return new LinkCounters(values.clone());
    }

    /** The sum of two, such as both directions. */
    public LinkCounters plus(LinkCounters other) {
        LinkCounters sum = copy();
        Arrays.setAll(sum.values, i -> sum.values[i] + other.values[i]);
        return sum;
    }

    /** What {@link #toString} wrote. */
    public static LinkCounters parse(String text) {
        LinkCounters counters = new LinkCounters();
        for (String pair : text.split(" ", -1)) {
            int equals = pair.indexOf('=');
            String name = pair.substring(0, equals).toUpperCase(Locale.ROOT).replace('.', '_');
            counters.values[Count.valueOf(name).ordinal()] = Long.parseLong(pair.substring(equals + 1));
        }
        return counters;
    }

    /** All of them, as name=value. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ");
        for (Count count : COUNTS) {
            text.add(count.word() + "=" + get(count));
        }
        return text.toString();
    }
}
