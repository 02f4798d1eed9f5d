package dev.toehold.control;

import dev.toehold.tcp.LogLinearHistogram;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;

/**
 * Histograms of the counters file with one bucket for each power of two: an eighth of those in the file, which keeps the number of series
 * bounded. Times begin at a microsecond; what is shorter is in the first bucket.
 */
final class HistogramCollector implements MultiCollector {
    private static final long LEAST_NS = 1 << 10;

    private final Counters counters;

    HistogramCollector(Counters counters) {
        this.counters = counters;
    }

    @Override
    public MetricSnapshots collect() {
        MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
        for (int i = 0; i < counters.histograms().size(); i++) {
            snapshots.metricSnapshot(snapshot(i));
        }
        return snapshots.build();
    }

    private HistogramSnapshot snapshot(int index) {
        HistogramDescriptor descriptor = counters.histograms().get(index);
        HistogramSnapshot.Builder snapshot =
                HistogramSnapshot.builder().name(MetricName.of(descriptor)).help(descriptor.meaning());
        for (int lcore = 0; lcore < counters.blocks() - 1; lcore++) {
            HistogramValue value = counters.histogram(lcore, index);
            snapshot.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                    .labels(Labels.of("lcore", Integer.toString(lcore)))
                    .classicHistogramBuckets(buckets(descriptor, value))
                    .sum(MetricName.value(descriptor.unit(), value.sum()))
                    .build());
        }
        return snapshot.build();
    }

    private static ClassicHistogramBuckets buckets(HistogramDescriptor descriptor, HistogramValue value) {
        boolean isTime = descriptor.unit().equals("ns");
        List<Double> bounds = new ArrayList<>();
        List<Long> sums = new ArrayList<>();
        long sum = 0;
        for (int bucket = 0; bucket < value.buckets() - 1; bucket++) {
            sum += value.count(bucket);
            long bound = LogLinearHistogram.upperBound(bucket);
            boolean isLastOfPower = (bound & (bound + 1)) == 0;
            if (isLastOfPower && (!isTime || bound >= LEAST_NS - 1)) {
                bounds.add(MetricName.value(descriptor.unit(), bound));
                sums.add(sum);
                sum = 0;
            }
        }
        bounds.add(Double.POSITIVE_INFINITY);
        sums.add(sum + value.count(value.buckets() - 1));
        return ClassicHistogramBuckets.of(bounds, sums);
    }
}
