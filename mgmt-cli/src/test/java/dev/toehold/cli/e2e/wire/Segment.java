package dev.toehold.cli.e2e.wire;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A TCP segment that the engine sent.
 */
final class Segment {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;
    static final int URG = 32;
    static final int ECE = 64;
    static final int CWR = 128;

    private static final String LETTERS = "FSRP.UEW";

    private final long timeNs;
    private final byte[] source;
    private final byte[] destination;
    private final int hop;
    private final int ecn;
    private final boolean isFragmentable;
    private final int sourcePort;
    private final int destinationPort;
    private final int seq;
    private final int ack;
    private final int flags;
    private final int window;
    private final Options options;
    private final byte[] optionBytes;
    private final byte[] text;
    private final String violation;

    Segment(
            long timeNs,
            byte[] source,
            byte[] destination,
            int hop,
            int ecn,
            boolean isFragmentable,
            int sourcePort,
            int destinationPort,
            int seq,
            int ack,
            int flags,
            int window,
            Options options,
            byte[] optionBytes,
            byte[] text,
            String violation) {
        this.timeNs = timeNs;
        this.source = source;
        this.destination = destination;
        this.hop = hop;
        this.ecn = ecn;
        this.isFragmentable = isFragmentable;
        this.sourcePort = sourcePort;
        this.destinationPort = destinationPort;
        this.seq = seq;
        this.ack = ack;
        this.flags = flags;
        this.window = window;
        this.options = options;
        this.optionBytes = optionBytes;
        this.text = text;
        this.violation = violation;
    }

    /** When it was read, {@link System#nanoTime}. */
    long timeNs() {
        return timeNs;
    }

    byte[] source() {
        return source;
    }

    byte[] destination() {
        return destination;
    }

    /** Time to live or hop limit. */
    int hop() {
        return hop;
    }

    /** The last two bits of the traffic class. */
    int ecn() {
        return ecn;
    }

    /** Without "don't fragment". */
    boolean isFragmentable() {
        return isFragmentable;
    }

    int sourcePort() {
        return sourcePort;
    }

    int destinationPort() {
        return destinationPort;
    }

    int seq() {
        return seq;
    }

    int ack() {
        return ack;
    }

    int flags() {
        return flags;
    }

    int window() {
        return window;
    }

    Options options() {
        return options;
    }

    byte[] optionBytes() {
        return optionBytes;
    }

    byte[] text() {
        return text;
    }

    /** What is wrong with its headers, or null. */
    String violation() {
        return violation;
    }

    /** Whether all of these flags are set. */
    boolean has(int wanted) {
        return (flags & wanted) == wanted;
    }

    /** Sequence numbers that it takes. */
    int length() {
        return text.length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
    }

    int end() {
        return seq + length();
    }

    /** Text, SYN or FIN: what is retransmitted until it is acknowledged. */
    boolean isSequenced() {
        return length() > 0;
    }

    @Override
    public String toString() {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < LETTERS.length(); i++) {
            if ((flags & (1 << i)) != 0) {
                names.append(LETTERS.charAt(i));
            }
        }
        List<String> blocks = new ArrayList<>();
        for (int i = 0; options.sackBlocks() != null && i < options.sackBlocks().length; i++) {
            blocks.add(Integer.toUnsignedString(options.sackBlocks()[i]));
        }
        return names + " seq=" + Integer.toUnsignedString(seq) + "+" + text.length + " ack="
                + Integer.toUnsignedString(ack) + " win=" + window
                + (optionBytes.length == 0 ? "" : " options=" + HexFormat.of().formatHex(optionBytes))
                + (blocks.isEmpty() ? "" : " sack=" + blocks) + (ecn == 0 ? "" : " ecn=" + ecn);
    }
}
