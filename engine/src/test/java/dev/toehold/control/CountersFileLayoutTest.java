package dev.toehold.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.tcp.LogLinearHistogram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counters file as another program reads it. */
class CountersFileLayoutTest {
    @TempDir
    private Path directory;

    private static final List<CounterDescriptor> DESCRIPTORS = List.of(
            CounterDescriptor.ofLcores("placement.bytes", "placed"),
            new CounterDescriptor("port.rx.packets", "count", "received", Map.of("port", "eth1"), false, 1),
            CounterDescriptor.gaugeOfLcores("connections.open", "open"),
            CounterDescriptor.ofEngine("policy.denied", "denied"),
            CounterDescriptor.ofLcores("lcore.sleep.ns", "asleep"));

    private static final int COUNTERS = DESCRIPTORS.size();

    private final LogLinearHistogram bursts = new LogLinearHistogram(100);
    private final LogLinearHistogram times = new LogLinearHistogram(1L << 33);
    private final List<HistogramSource> histograms = List.of(
            HistogramSource.of("test.burst.packets", "bursts", bursts),
            HistogramSource.of("test.rtt.ns", "times", times));

    private Counters create(List<CounterDescriptor> descriptors, int writers) {
        return Counters.create(
                directory.resolve("counters"),
                descriptors,
                histograms.stream().map(HistogramSource::descriptor).toList(),
                writers);
    }

    @Test
    void shouldFixEveryOffset() {
        assertEquals(0, CountersFileDescriptor.MAGIC_OFFSET);
        assertEquals(8, CountersFileDescriptor.VERSION_OFFSET);
        assertEquals(12, CountersFileDescriptor.COUNTERS_OFFSET);
        assertEquals(16, CountersFileDescriptor.BLOCKS_OFFSET);
        assertEquals(20, CountersFileDescriptor.PID_OFFSET);
        assertEquals(24, CountersFileDescriptor.STARTED_NS_OFFSET);
        assertEquals(32, CountersFileDescriptor.VALUES_OFFSET_OFFSET);
        assertEquals(40, CountersFileDescriptor.BLOCK_LENGTH_OFFSET);
        assertEquals(48, CountersFileDescriptor.READY_OFFSET);
        assertEquals(52, CountersFileDescriptor.HISTOGRAMS_OFFSET);
        assertEquals(128, CountersFileDescriptor.NAMES_OFFSET);
        assertEquals(128 + 5 * 128, CountersFileDescriptor.valuesOffset(3, 2));
        assertEquals(128, CountersFileDescriptor.blockLength(16));
        assertEquals(256, CountersFileDescriptor.blockLength(17));
    }

    @Test
    void shouldBeReadableByOffsetsAlone() throws IOException {
        try (Counters counters = create(DESCRIPTORS, 2)) {
            counters.set(0, 0, 11);
            counters.set(1, 0, 22);
            counters.set(2, 3, 33);
            bursts.record(7);
            counters.set(1, 0, bursts);
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve("counters")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertEquals("TOEHOLDC", new String(bytes.array(), 0, 8, StandardCharsets.US_ASCII));
            assertEquals(2, bytes.getInt(8));
            assertEquals(COUNTERS, bytes.getInt(12));
            assertEquals(3, bytes.getInt(16));
            assertEquals(ProcessHandle.current().pid(), bytes.getInt(20));
            assertEquals(1, bytes.getInt(48));
            assertEquals(2, bytes.getInt(52));
            assertEquals("port.rx.packets{port=eth1} count", name(bytes, 1));
            assertEquals("lcore.sleep.ns ns", name(bytes, 4));
            assertEquals("test.burst.packets count " + bursts.buckets(), name(bytes, COUNTERS));
            int values = (int) bytes.getLong(32);
            int block = (int) bytes.getLong(40);
            assertEquals(11, bytes.getLong(values));
            assertEquals(22, bytes.getLong(values + block));
            assertEquals(33, bytes.getLong(values + 2 * block + 3 * 8));
            assertEquals(7, bytes.getLong(values + block + COUNTERS * 8), "sum of the first histogram");
            assertEquals(1, bytes.getLong(values + block + (COUNTERS + 1 + 7) * 8), "its eighth bucket");
            assertEquals(bytes.capacity(), values + 3 * block);
            assertEquals(33, counters.sum(0));
            assertEquals(1, counters.indexOf("port.rx.packets"));
            assertThrows(IndexOutOfBoundsException.class, () -> counters.set(3, 0, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> counters.set(0, COUNTERS, 1));
        }
    }

    private static String name(ByteBuffer file, int index) {
        byte[] name = new byte[128];
        file.get(128 + index * 128, name);
        return new String(name, StandardCharsets.US_ASCII).trim();
    }

    @Test
    void shouldNameEveryCounterOnceAndPublishInItsOrder() {
        List<CounterDescriptor> all = CounterPublisher.descriptors(List.of(CounterSource.of(null)));
        assertEquals(
                all.size(),
                new HashSet<>(all.stream().map(CounterDescriptor::name).toList()).size());
        long[] values = {5, 6};
        CounterSource source =
                CounterSource.ofLcores(2, i -> "test.bytes." + (i == 0 ? "in" : "out"), i -> "a test", i -> values[i]);
        try (Counters counters = create(CounterPublisher.descriptors(List.of(source)), 1)) {
            CounterPublisher publisher = new CounterPublisher(counters, 0, List.of(source), histograms);
            publisher.publish(0);
            assertEquals(6, counters.get(0, 1));
            assertEquals("bytes", counters.descriptors().getFirst().unit());
            values[1] = 7;
            times.record(1_000_000);
            publisher.poll(CounterPublisher.PERIOD_NS - 1);
            assertEquals(6, counters.get(0, 1));
            assertEquals(0, counters.histogram(1).count());
            publisher.poll(CounterPublisher.PERIOD_NS);
            assertEquals(7, counters.get(0, 1));
            assertEquals(1, counters.histogram(1).count());
        }
    }

    @Test
    void shouldRefuseToPublishWhatTheFileWasNotMadeFor() {
        try (Counters counters = create(DESCRIPTORS, 1)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new CounterPublisher(counters, 0, List.of(CounterSource.of(null)), histograms));
            assertThrows(IllegalArgumentException.class, () -> new CounterPublisher(counters, 0, List.of(), List.of()));
        }
    }

    @Test
    void shouldAddUpLcoresAndBoundQuantiles() {
        try (Counters counters = create(DESCRIPTORS, 2)) {
            for (int i = 1; i <= 1_000; i++) {
                times.record(i * 1_000L);
            }
            counters.set(0, 1, times);
            counters.set(1, 1, times);
            HistogramValue both = counters.histogram(1);
            assertEquals(2_000, both.count());
            assertEquals(2 * 500_500_000L, both.sum());
            for (double part : new double[] {0.5, 0.9, 0.999}) {
                double exact = part * 1_000_000;
                double bound = both.quantile(part);
                assertTrue(bound >= exact && bound <= exact * 1.126, part + ": " + bound);
            }
            assertEquals(0, counters.histogram(0).quantile(0.5), "of no values");
        }
    }
}
