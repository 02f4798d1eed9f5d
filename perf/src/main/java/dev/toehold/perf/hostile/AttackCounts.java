package dev.toehold.perf.hostile;

import dev.toehold.abi.ResultCode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of the attacks: per kind how many were made, how many came past the first check, what they were answered; and why sessions
 * ended.
 */
final class AttackCounts {
    /** First word of {@link #toString}. */
    static final String WORD = "counts";

    private static final Attack[] ATTACKS = Attack.values();
    private static final int CODES = 32;

    private final long[] made = new long[ATTACKS.length];
    private final long[] passed = new long[ATTACKS.length];
    private final long[][] answers = new long[ATTACKS.length][CODES];
    private final Map<String, Long> ends = new TreeMap<>();

    void made(Attack attack) {
        made[attack.index()]++;
        if (attack.passesFirstCheck()) {
            passed[attack.index()]++;
        }
    }

    /** The engine's answer; STALE means that a handle did not come past the first check after all. */
    void answered(Attack attack, int result) {
        if (result >= 0 || -result >= CODES) {
            answers[attack.index()][0]++;
            return;
        }
        answers[attack.index()][-result]++;
        if (result == ResultCode.STALE && passed[attack.index()] > 0 && attack.passesFirstCheck()) {
            passed[attack.index()]--;
        }
    }

    /** A session ended so. */
    void ended(String reason) {
        ends.merge(reason, 1L, Long::sum);
    }

    long total() {
        return sum(made);
    }

    long totalPassed() {
        return sum(passed);
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }

    void add(AttackCounts other) {
        for (int i = 0; i < ATTACKS.length; i++) {
            made[i] += other.made[i];
            passed[i] += other.passed[i];
            for (int code = 0; code < CODES; code++) {
                answers[i][code] += other.answers[i][code];
            }
        }
        other.ends.forEach((reason, count) -> ends.merge(reason, count, Long::sum));
    }

    /** One line, that {@link #parse} reads. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(WORD);
        for (int i = 0; i < ATTACKS.length; i++) {
            line.append(' ').append(made[i]).append(',').append(passed[i]);
            for (int code = 0; code < CODES; code++) {
                if (answers[i][code] > 0) {
                    line.append(',').append(code).append('=').append(answers[i][code]);
                }
            }
        }
        ends.forEach(
                (reason, count) -> line.append(' ').append(reason).append('=').append(count));
        return line.toString();
    }

    static AttackCounts parse(String line) {
        AttackCounts counts = new AttackCounts();
        String[] words = line.split(" ", -1);
        for (int i = 0; i < ATTACKS.length; i++) {
            String[] fields = words[1 + i].split(",", -1);
            counts.made[i] = Long.parseLong(fields[0]);
            counts.passed[i] = Long.parseLong(fields[1]);
            for (int f = 2; f < fields.length; f++) {
                String[] pair = fields[f].split("=", 2);
                counts.answers[i][Integer.parseInt(pair[0])] = Long.parseLong(pair[1]);
            }
        }
        for (int i = 1 + ATTACKS.length; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            counts.ends.put(pair[0], Long.valueOf(pair[1]));
        }
        return counts;
    }

    void print(PrintWriter out) {
        out.printf("%-52s %9s %9s  %s%n", "what was tried", "made", "past 1st", "answered");
        for (Attack attack : ATTACKS) {
            int i = attack.index();
            out.printf("%-52s %9d %9d  %s%n", attack.text(), made[i], passed[i], answersOf(i));
        }
        out.printf("%-52s %9d %9d%n", "all", total(), totalPassed());
        out.println("sessions ended: " + ends);
        out.flush();
    }

    private String answersOf(int attack) {
        StringBuilder text = new StringBuilder();
        for (int code = 0; code < CODES; code++) {
            if (answers[attack][code] > 0) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(ResultCode.name(-code))
                        .append(' ')
                        .append(answers[attack][code]);
            }
        }
        return text.toString();
    }
}
