package dev.toehold.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A segment as a script writes it: {@code S. -1 ack 0 win 60000 <mss 1000,sackOK>}.
 *
 * @param flags control bits as in {@link dev.toehold.net.Tcp}
 * @param seq of the first byte, SYN included
 * @param length of the text
 * @param ack null = no ACK bit
 * @param window the field, unscaled; -1 = not said
 * @param urgent pointer
 * @param ecn bits of the IP header
 * @param options one text each, {@code mss 1000}, {@code ts 5 *}, {@code sack 10:20 30:40}
 */
record ScriptSegment(
        int flags, Number32 seq, int length, Number32 ack, int window, int urgent, int ecn, List<String> options) {
    static final String FLAG_LETTERS = "FSRP.UEW";

    /** A sequence number: a position (0 is the first byte after the SYN) or, with {@code #}, what stands on the wire. */
    record Number32(boolean wire, long value) {
        static Number32 position(long value) {
            return new Number32(false, value);
        }

        int toWire(int initial) {
            return wire ? (int) value : initial + 1 + (int) value;
        }

        boolean names(int onWire, int initial) {
            return toWire(initial) == onWire;
        }

        @Override
        public String toString() {
            return wire ? "#0x%08x".formatted((int) value) : Long.toString(value);
        }
    }

    boolean has(int bits) {
        return (flags & bits) == bits;
    }

    String option(String name) {
        for (String option : options) {
            if (option.equals(name) || option.startsWith(name + " ")) {
                return option;
            }
        }
        return null;
    }

    ScriptSegment withSeq(Number32 other) {
        return new ScriptSegment(flags, other, length, ack, window, urgent, ecn, options);
    }

    /**
     * What of {@code got} is not as expected: null = nothing. All is exact but two things: a window that the script does not
     * name, and a timestamp option that it does not list.
     */
    String difference(ScriptSegment got, int seqInitial, int ackInitial) {
        if (flags != got.flags) {
            return "flags";
        }
        if (!seq.names(got.seq.toWire(seqInitial), seqInitial)) {
            return "sequence number";
        }
        if (length != got.length) {
            return "length";
        }
        if (ack != null && !ack.names(got.ack.toWire(ackInitial), ackInitial)) {
            return "acknowledgment number";
        }
        if (window >= 0 && window != got.window) {
            return "window";
        }
        if (urgent != got.urgent) {
            return "urgent pointer";
        }
        if (ecn != got.ecn) {
            return "ECN bits";
        }
        return optionDifference(got);
    }

    private String optionDifference(ScriptSegment got) {
        for (String option : options) {
            String name = option.split(" ", -1)[0];
            String other = got.option(name);
            if (other == null || !matches(option, other)) {
                return "option " + name;
            }
        }
        for (String option : got.options) {
            String name = option.split(" ", -1)[0];
            if (option(name) == null && !name.equals("ts")) {
                return "option " + name + " that nobody asked for";
            }
        }
        return null;
    }

    private static boolean matches(String expected, String got) {
        String[] left = expected.split(" ", -1);
        String[] right = got.split(" ", -1);
        for (int i = 1; i < left.length; i++) {
            if (i >= right.length || !(left[i].equals("*") || left[i].equals(right[i]))) {
                return false;
            }
        }
        return left.length == 1 || left.length == right.length;
    }

    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        StringBuilder letters = new StringBuilder();
        for (int bit : new int[] {1, 0, 2, 3, 5, 6, 7, 4}) {
            if ((flags & 1 << bit) != 0) {
                letters.append(FLAG_LETTERS.charAt(bit));
            }
        }
        words.add(letters.isEmpty() ? "-" : letters.toString());
        words.add(length == 0 ? seq.toString() : seq + "+" + length);
        if (ack != null) {
            words.add("ack " + ack);
        }
        add(words, "win ", window, window >= 0);
        add(words, "urg ", urgent, urgent != 0);
        add(words, "ecn ", ecn, ecn != 0);
        if (!options.isEmpty()) {
            words.add("<" + String.join(", ", options) + ">");
        }
        return String.join(" ", words);
    }

    private static void add(List<String> words, String name, int value, boolean said) {
        if (said) {
            words.add(name + value);
        }
    }

    ScriptSegment {
        Objects.requireNonNull(seq);
        options = List.copyOf(options);
    }
}
