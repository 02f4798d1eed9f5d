package dev.toehold.control;

/**
 * What a counter is.
 *
 * @param name words with dots between, such as {@code tcp.retransmits}
 * @param unit {@code bytes}, {@code ns} or {@code count}
 * @param meaning a line for people; empty if the name says it all
 * @param isGauge whether it may fall
 */
public record CounterDescriptor(String name, String unit, String meaning, boolean isGauge) {
    public CounterDescriptor {
        if (!name.matches("[a-z0-9]+(\\.[a-z0-9]+)*")) {
            throw new IllegalArgumentException("counter name=" + name + ": words of a-z and 0-9 with dots between");
        }
    }

    /** A counter of events, or of bytes if a word of its name says so. */
    public static CounterDescriptor ofName(String name) {
        boolean isBytes = ("." + name + ".").contains(".bytes.");
        return new CounterDescriptor(name, isBytes ? "bytes" : "count", "", false);
    }
}
