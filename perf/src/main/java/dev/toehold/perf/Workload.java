package dev.toehold.perf;

import dev.toehold.perf.peer.LoadResult;
import dev.toehold.perf.peer.Services;
import java.util.List;

/** A kind of traffic, with the figures that it gives. */
enum Workload {
    REQUEST_RESPONSE(
            "request-response",
            "a " + Services.MESSAGE_LENGTH + "-byte request, a " + Services.MESSAGE_LENGTH + "-byte response"),
    BULK_IN("bulk-in", "bulk into the stack"),
    BULK_OUT("bulk-out", "bulk out of the stack");

    /** A figure: the first one of a workload is what its contenders are compared by. */
    enum Metric {
        OPERATIONS("operationsPerSecond", "ops/s", "%,.0f") {
            @Override
            double of(LoadResult result) {
                return result.operationsPerSecond();
            }
        },
        P50("p50Ns", "p50 us", "%.1f") {
            @Override
            double of(LoadResult result) {
                return result.p50Ns();
            }
        },
        P99("p99Ns", "p99 us", "%.1f") {
            @Override
            double of(LoadResult result) {
                return result.p99Ns();
            }
        },
        P999("p999Ns", "p99.9 us", "%.1f") {
            @Override
            double of(LoadResult result) {
                return result.p999Ns();
            }
        },
        GIGABITS("gigabitsPerSecond", "Gbit/s", "%.2f") {
            @Override
            double of(LoadResult result) {
                return result.gigabitsPerSecond();
            }
        };

        private static final double NS_PER_US = 1000;

        private final String field;
        private final String title;
        private final String format;

        Metric(String field, String title, String format) {
            this.field = field;
            this.title = title;
            this.format = format;
        }

        abstract double of(LoadResult result);

        /** Name in JSON, which has times in ns. */
        String field() {
            return field;
        }

        /** Name in the table, which has times in us. */
        String title() {
            return title;
        }

        String text(double value) {
            return format.formatted(field.endsWith("Ns") ? value / NS_PER_US : value);
        }
    }

    private final String word;
    private final String description;

    Workload(String word, String description) {
        this.word = word;
        this.description = description;
    }

    /** Its name in orders to the load generator and in JSON. */
    String word() {
        return word;
    }

    /** A direction of bulk by its name. */
    static Workload ofBulk(String word) {
        for (Workload workload : List.of(BULK_IN, BULK_OUT)) {
            if (workload.word.equals(word)) {
                return workload;
            }
        }
        throw new IllegalArgumentException("direction=" + word + ", allowed: bulk-in, bulk-out");
    }

    String description() {
        return description;
    }

    List<Integer> connectionCounts() {
        return this == REQUEST_RESPONSE ? List.of(1, 32) : List.of(1, 4);
    }

    List<Metric> metrics() {
        return this == REQUEST_RESPONSE
                ? List.of(Metric.OPERATIONS, Metric.P50, Metric.P99, Metric.P999)
                : List.of(Metric.GIGABITS);
    }
}
