package dev.toehold.perf.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one direction of a link does to frames. Probabilities are of 0 to 1, per frame and independent of each other.
 *
 * @param loss probability of loss
 * @param burstStart probability that a burst of losses begins (the Gilbert model: all frames of a burst are lost)
 * @param burstEnd probability after each frame of a burst that it was the last one: a burst has 1 / burstEnd frames on average, and ends
 *     after 50 ms in any case
 * @param duplicate probability that a frame comes twice
 * @param reorder probability that a frame is overtaken by the next 1 to {@code reorderDistance} ones
 * @param reorderDistance most frames that overtake one
 * @param corrupt probability that one bit behind the Ethernet header is inverted
 * @param delayNs time that a frame is on its way
 * @param jitterNs most that a frame's time differs from that, in either direction; the order stays
 * @param bitsPerSecond 0: no limit
 * @param queueBytes what waits for the line at most, beyond it frames are dropped; without effect where there is no limit
 */
public record Impairments(
        double loss,
        double burstStart,
        double burstEnd,
        double duplicate,
        double reorder,
        int reorderDistance,
        double corrupt,
        long delayNs,
        long jitterNs,
        long bitsPerSecond,
        int queueBytes) {
    /** A wire. */
    public static final Impairments NONE = new Impairments(0, 0, 1, 0, 0, 3, 0, 0, 0, 0, 128 << 10);

    /** How the text form is written; {@code none} is a wire. */
    public static final String SYNTAX =
            "loss=0.01,burst=0.001:0.2,duplicate=0.01,reorder=0.01:3,corrupt=0.001,delay=10ms,jitter=1ms,rate=100M,queue=128K";

    static final int MAX_REORDER_DISTANCE = 64;
    private static final long MAX_DELAY_NS = 10_000_000_000L;
    private static final int MAX_QUEUE_BYTES = 1 << 26;
    private static final long MAX_RATE = 100_000_000_000L;
    private static final double PERCENT = 100;

    public Impairments {
        probability("loss", loss);
        probability("burst", burstStart);
        probability("burst", burstEnd);
        probability("duplicate", duplicate);
        probability("reorder", reorder);
        probability("corrupt", corrupt);
        range("burst: frames of a burst", burstEnd == 0 ? Double.POSITIVE_INFINITY : 1 / burstEnd, 1, 1000);
        range("reorder", reorderDistance, 1, MAX_REORDER_DISTANCE);
        range("delay", delayNs, 0, MAX_DELAY_NS);
        range("jitter", jitterNs, 0, delayNs);
        range("rate", bitsPerSecond, 0, MAX_RATE);
        range("queue", queueBytes, 1, MAX_QUEUE_BYTES);
    }

    private static void probability(String name, double value) {
        range(name, value, 0, 1);
    }

    private static void range(String name, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException("%s=%s: allowed is %s to %s".formatted(name, value, least, most));
        }
    }

    private static void range(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s=%d: allowed is %d to %d".formatted(name, value, least, most));
        }
    }

    public Impairments withLoss(double probability) {
        return new Impairments(
                probability,
                burstStart,
                burstEnd,
                duplicate,
                reorder,
                reorderDistance,
                corrupt,
                delayNs,
                jitterNs,
                bitsPerSecond,
                queueBytes);
    }

    /**
     * Reads the text form: {@link #SYNTAX}, any of it in any order, or {@code none}. Units: probabilities may be in %; ns, us, ms, s; K, M, G
     * are powers of 1000 for bit/s and of 1024 for bytes.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    public static Impairments parse(String text) {
        double loss = NONE.loss;
        double burstStart = NONE.burstStart;
        double burstEnd = NONE.burstEnd;
        double duplicate = NONE.duplicate;
        double reorder = NONE.reorder;
        int reorderDistance = NONE.reorderDistance;
        double corrupt = NONE.corrupt;
        long delayNs = NONE.delayNs;
        long jitterNs = NONE.jitterNs;
        long rate = NONE.bitsPerSecond;
        int queueBytes = NONE.queueBytes;
        for (String setting : text.equals("none") ? List.<String>of() : List.of(text.split(",", -1))) {
            int equals = setting.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("impairment=" + setting + ": written as " + SYNTAX);
            }
            String value = setting.substring(equals + 1);
            String[] parts = value.split(":", 2);
            switch (setting.substring(0, equals)) {
                case "loss" -> loss = share(value);
                case "burst" -> {
                    burstStart = share(parts[0]);
                    burstEnd = parts.length > 1 ? share(parts[1]) : 0.25;
                }
                case "duplicate" -> duplicate = share(value);
                case "reorder" -> {
                    reorder = share(parts[0]);
                    reorderDistance = parts.length > 1 ? Math.toIntExact((long) number(parts[1])) : reorderDistance;
                }
                case "corrupt" -> corrupt = share(value);
                case "delay" -> delayNs = timeNs(value);
                case "jitter" -> jitterNs = timeNs(value);
                case "rate" -> rate = (long) scaled(value, 1000);
                case "queue" -> queueBytes = Math.toIntExact((long) scaled(value, 1024));
                default -> throw new IllegalArgumentException("impairment=" + setting + ": written as " + SYNTAX);
            }
        }
        return new Impairments(
                loss,
                burstStart,
                burstEnd,
                duplicate,
                reorder,
                reorderDistance,
                corrupt,
                delayNs,
                jitterNs,
                rate,
                queueBytes);
    }

    private static double share(String value) {
        return value.endsWith("%") ? number(value.substring(0, value.length() - 1)) / PERCENT : number(value);
    }

    private static long timeNs(String value) {
        int unit = 0;
        while (unit < value.length() && !Character.isLetter(value.charAt(unit))) {
            unit++;
        }
        double scale = switch (value.substring(unit)) {
            case "ns" -> 1;
            case "us" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            default -> throw new IllegalArgumentException("time=" + value + ": a unit is ns, us, ms or s");
        };
        return Math.round(number(value.substring(0, unit)) * scale);
    }

    private static double scaled(String value, double step) {
        int exponent = value.isEmpty() ? -1 : "KMG".indexOf(Character.toUpperCase(value.charAt(value.length() - 1)));
        return exponent < 0
                ? number(value)
                : number(value.substring(0, value.length() - 1)) * Math.pow(step, exponent + 1);
    }

    private static double number(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("number=" + value + ": is none", e);
        }
    }

    /** The text form, without what it does not do. */
    @Override
    public String toString() {
        List<String> settings = new ArrayList<>();
        if (loss > 0) {
            settings.add("loss=" + percent(loss));
        }
        if (burstStart > 0) {
            settings.add("burst=" + percent(burstStart) + ":" + percent(burstEnd));
        }
        if (duplicate > 0) {
            settings.add("duplicate=" + percent(duplicate));
        }
        if (reorder > 0) {
            settings.add("reorder=" + percent(reorder) + ":" + reorderDistance);
        }
        if (corrupt > 0) {
            settings.add("corrupt=" + percent(corrupt));
        }
        if (delayNs > 0) {
            settings.add("delay=" + time(delayNs));
        }
        if (jitterNs > 0) {
            settings.add("jitter=" + time(jitterNs));
        }
        if (bitsPerSecond > 0) {
            settings.add("rate=" + bitsPerSecond);
            settings.add("queue=" + queueBytes);
        }
        return settings.isEmpty() ? "none" : String.join(",", settings);
    }

    private static String time(long ns) {
        return ns % 1_000_000 == 0 ? ns / 1_000_000 + "ms" : ns % 1_000 == 0 ? ns / 1_000 + "us" : ns + "ns";
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.6f", share * PERCENT).replaceFirst("\\.?0+$", "") + "%";
    }
}
