package dev.toehold.control;

import dev.toehold.tcp.LogLinearHistogram;
import java.util.List;

/**
 * Copies an lcore's counters into its block of the counters file, on the lcore's thread: every {@link #PERIOD_NS} while it is busy and
 * before it sleeps. So counting costs a plain add, and a reader sees at most that old a value.
 */
public final class CounterPublisher {
    public static final long PERIOD_NS = 10_000_000L;

    private final Counters counters;
    private final int block;
    private final CounterSource[] sources;
    private final LogLinearHistogram[] histograms;
    private final long[] publishedTotals;
    private long lastNs;

    /**
     * @param sources in the order in which {@link #descriptors} was given theirs
     * @param histograms in the order in which the file was made for them
     */
    public CounterPublisher(
            Counters counters, int block, List<CounterSource> sources, List<HistogramSource> histograms) {
        this.counters = counters;
        this.block = block;
        this.sources = sources.toArray(CounterSource[]::new);
        this.histograms = histograms.stream().map(HistogramSource::histogram).toArray(LogLinearHistogram[]::new);
        publishedTotals = new long[this.histograms.length];
        List<CounterDescriptor> own = descriptors(sources);
        List<HistogramDescriptor> ownHistograms =
                histograms.stream().map(HistogramSource::descriptor).toList();
        if (own.size() > counters.descriptors().size()
                || !own.equals(counters.descriptors().subList(0, own.size()))
                || !ownHistograms.equals(counters.histograms())) {
            throw new IllegalArgumentException("sources do not match the counters file");
        }
    }

    /** What the file has to be made for. Further counters, of the engine as a whole, may follow. */
    public static List<CounterDescriptor> descriptors(List<CounterSource> sources) {
        return sources.stream().flatMap(CounterSource::descriptors).toList();
    }

    /** Publishes if the period is over. */
    public void poll(long nowNs) {
        if (nowNs - lastNs >= PERIOD_NS) {
            publish(nowNs);
        }
    }

    public void publish(long nowNs) {
        lastNs = nowNs;
        int counter = 0;
        for (CounterSource source : sources) {
            for (int i = 0; i < source.count(); i++) {
                counters.set(block, counter++, source.value().applyAsLong(i));
            }
        }
        for (int i = 0; i < histograms.length; i++) {
            long total = histograms[i].total();
            if (total != publishedTotals[i]) {
                publishedTotals[i] = total;
                counters.set(block, i, histograms[i]);
            }
        }
    }
}
