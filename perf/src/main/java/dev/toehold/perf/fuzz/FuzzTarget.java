package dev.toehold.perf.fuzz;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can be fuzzed, by name. */
public enum FuzzTarget {
    FRAME("one Ethernet frame through the parser and every reader behind it"),
    OPTIONS("TCP options"),
    LINK("ARP, NDP, MLD and ICMP frames and time into a link layer"),
    FRAGMENTS("fragments of both families and time into reassembly"),
    SEGMENTS("segments, commands, ICMP errors and time into a TCP core");

    private final String meaning;

    FuzzTarget(String meaning) {
        this.meaning = meaning;
    }

    /** Lower case, as on the command line and as the corpus' directory. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String meaning() {
        return meaning;
    }

    /**
     * Runs one input from a fresh start; the same bytes always do the same.
     *
     * @throws RuntimeException or {@link AssertionError}: a finding
     */
    public void run(byte[] input) {
        switch (this) {
            case FRAME -> FrameTarget.run(input);
            case OPTIONS -> OptionsTarget.run(input);
            case LINK -> LinkTarget.run(input);
            case FRAGMENTS -> FragmentsTarget.run(input);
            case SEGMENTS -> SegmentsTarget.run(input);
        }
    }

    /** All words, for messages. */
    static String words() {
        return Arrays.stream(values()).map(FuzzTarget::word).collect(Collectors.joining(", "));
    }
}
