package dev.toehold.control;

/** Prometheus's name of what the catalogue has: {@code tcp.bytes.in} is {@code toehold_tcp_bytes_in_total}; its times are seconds. */
public final class MetricName {
    private static final double NS_PER_SECOND = 1e9;
    private static final String PREFIX = "toehold_";
    private static final String NS_SUFFIX = "_ns";

    private MetricName() {}

    /** As it is scraped. */
    public static String of(CounterDescriptor counter) {
        return counter.isGauge() ? base(counter.name()) : base(counter.name()) + "_total";
    }

    /** As it is scraped, without {@code _bucket}, {@code _count} and {@code _sum}. */
    public static String of(HistogramDescriptor histogram) {
        return base(histogram.name());
    }

    static String base(String name) {
        String words = PREFIX + name.replace('.', '_');
        return words.endsWith(NS_SUFFIX) ? words.substring(0, words.length() - NS_SUFFIX.length()) + "_seconds" : words;
    }

    /** A value in the unit that is scraped. */
    static double value(String unit, long value) {
        return unit.equals("ns") ? value / NS_PER_SECOND : (double) value;
    }
}
