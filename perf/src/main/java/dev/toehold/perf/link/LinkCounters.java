package dev.toehold.perf.link;

import java.util.EnumMap;
import java.util.List;
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

    private static final List<Count> COUNTS = List.of(Count.values());

    private final EnumMap<Count, Cell> cells = new EnumMap<>(Count.class);

    private static final class Cell {
        private long value;
    }

    LinkCounters() {
        COUNTS.forEach(count -> cells.put(count, new Cell()));
    }

    void add(Count count, long more) {
        cells.get(count).value += more;
    }

    public long get(Count count) {
        return cells.get(count).value;
    }

    /** Frames that were dropped although no impairment said so: a measurement with any is of the link. */
    public long accidents() {
        return get(Count.OVERSIZED) + get(Count.OVERRUN) + get(Count.REFUSED);
    }

    LinkCounters copy() {
        return new LinkCounters().plus(this);
    }

    /** The sum of two, such as both directions. */
    public LinkCounters plus(LinkCounters other) {
        LinkCounters sum = new LinkCounters();
        COUNTS.forEach(count -> sum.add(count, get(count) + other.get(count)));
        return sum;
    }

    /** What was done since an earlier copy. */
    public LinkCounters minus(LinkCounters earlier) {
        LinkCounters difference = new LinkCounters();
        COUNTS.forEach(count -> difference.add(count, get(count) - earlier.get(count)));
        return difference;
    }

    /** What {@link #toString} wrote. */
    public static LinkCounters parse(String text) {
        LinkCounters counters = new LinkCounters();
        for (String pair : text.split(" ", -1)) {
            int equals = pair.indexOf('=');
            String name = pair.substring(0, equals).toUpperCase(Locale.ROOT).replace('.', '_');
            counters.add(Count.valueOf(name), Long.parseLong(pair.substring(equals + 1)));
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
