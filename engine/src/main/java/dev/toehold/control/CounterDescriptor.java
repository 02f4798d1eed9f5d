package dev.toehold.control;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a counter is.
 *
 * @param name words with dots between, such as {@code tcp.retransmits}
 * @param unit {@code bytes}, {@code ns} or {@code count}
 * @param meaning a line for people
 * @param labels what tells counters of one name apart, such as the port; keys are words, values are short
 * @param isGauge whether it may fall
 * @param block the one block that counts it: an lcore's number, {@link #EVERY_LCORE} or {@link #ENGINE}
 */
public record CounterDescriptor(
        String name, String unit, String meaning, Map<String, String> labels, boolean isGauge, int block) {
    /** Each lcore counts its own. */
    public static final int EVERY_LCORE = -1;

    /** The engine as a whole has one. */
    public static final int ENGINE = -2;

    public CounterDescriptor {
        if (!name.matches("[a-z0-9]+(\\.[a-z0-9]+)*")) {
            throw new IllegalArgumentException("counter name=" + name + ": words of a-z and 0-9 with dots between");
        }
        if (meaning.isBlank()) {
            throw new IllegalArgumentException("counter name=" + name + " says nothing of what it means");
        }
        labels = Map.copyOf(labels);
    }

    /** One that each lcore counts; the unit follows from the name. */
    public static CounterDescriptor ofLcores(String name, String meaning) {
        return new CounterDescriptor(name, unitOf(name), meaning, Map.of(), false, EVERY_LCORE);
    }

    /** What each lcore has now; all of them added up are the engine's. */
    public static CounterDescriptor gaugeOfLcores(String name, String meaning) {
        return new CounterDescriptor(name, unitOf(name), meaning, Map.of(), true, EVERY_LCORE);
    }

    /** What the engine as a whole has now. */
    public static CounterDescriptor gaugeOfEngine(String name, String meaning, Map<String, String> labels) {
        return new CounterDescriptor(name, unitOf(name), meaning, labels, true, ENGINE);
    }

    /** One that only the engine as a whole has. */
    public static CounterDescriptor ofEngine(String name, String meaning) {
        return new CounterDescriptor(name, unitOf(name), meaning, Map.of(), false, ENGINE);
    }

    /** {@code bytes} if a word of the name says so, {@code ns} if the last one does. */
    static String unitOf(String name) {
        return ("." + name + ".").contains(".bytes.") ? "bytes" : name.endsWith(".ns") ? "ns" : "count";
    }

    /** Whether a block of the counters file counts it, among so many. */
    boolean isOfBlock(int candidate, int blocks) {
        int engine = blocks - 1;
        return switch (block) {
            case EVERY_LCORE -> candidate < engine;
            case ENGINE -> candidate == engine;
            default -> candidate == block;
        };
    }

    /** {@code port.rx.packets{port=eth1}}: unique among all. */
    String key() {
        return labels.isEmpty()
                ? name
                : new TreeMap<>(labels)
                        .entrySet().stream()
                                .map(label -> label.getKey() + '=' + label.getValue())
                                .collect(Collectors.joining(",", name + '{', "}"));
    }
}
