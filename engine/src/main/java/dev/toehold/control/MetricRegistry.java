package dev.toehold.control;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/**
 * The counters file as Prometheus sees it. Series are those of the catalogue, times lcores or ports: their number is known when the engine has started,
 * and nothing that clients or peers do adds one. Values are read when somebody asks; nothing here touches an lcore.
 */
final class MetricRegistry implements AutoCloseable {
    static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    MetricRegistry(Counters counters, List<GaugeSource> gauges) {
        List<CounterDescriptor> descriptors = counters.descriptors();
        for (int counter = 0; counter < descriptors.size(); counter++) {
            for (int block = 0; block < counters.blocks(); block++) {
                if (descriptors.get(counter).isOfBlock(block, counters.blocks())) {
                    register(counters, block, counter);
                }
            }
        }
        for (GaugeSource gauge : gauges) {
            CounterDescriptor descriptor = gauge.descriptor();
            Gauge.builder(
                            MetricName.base(descriptor.name()),
                            () -> MetricName.value(
                                    descriptor.unit(), gauge.value().getAsLong()))
                    .tags(tags(descriptor))
                    .description(descriptor.meaning())
                    .register(registry);
        }
        registry.getPrometheusRegistry().register(new HistogramCollector(counters));
    }

    private void register(Counters counters, int block, int counter) {
        CounterDescriptor descriptor = counters.descriptors().get(counter);
        String name = MetricName.base(descriptor.name());
        Tags tags = tags(descriptor);
        if (block < counters.blocks() - 1) {
            tags = tags.and("lcore", Integer.toString(block));
        }
        if (descriptor.isGauge()) {
            Gauge.builder(name, () -> MetricName.value(descriptor.unit(), counters.get(block, counter)))
                    .tags(tags)
                    .description(descriptor.meaning())
                    .register(registry);
        } else {
            FunctionCounter.builder(name, counters, c -> MetricName.value(descriptor.unit(), c.get(block, counter)))
                    .tags(tags)
                    .description(descriptor.meaning())
                    .register(registry);
        }
    }

    private static Tags tags(CounterDescriptor descriptor) {
        return Tags.of(descriptor.labels().entrySet().stream()
                .map(label -> Tag.of(label.getKey(), label.getValue()))
                .toList());
    }

    /** The type of an answer to who accepts this: OpenMetrics if it is named, else Prometheus's text. */
    static String contentType(String accept) {
        return accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    }

    String scrape(String contentType) {
        return registry.scrape(contentType);
    }

    @Override
    public void close() {
        registry.close();
    }
}
