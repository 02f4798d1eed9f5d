package dev.toehold.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counters file as another program reads it, and the metrics made from it. */
class CountersFileLayoutTest {
    @TempDir
    private Path directory;

    private static final List<CounterDescriptor> DESCRIPTORS = List.of(
            new CounterDescriptor("placement.bytes", "bytes", "placed", false),
            CounterDescriptor.ofName("tcp.retransmits"),
            new CounterDescriptor("port.link.up", "count", "links", true));

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
        assertEquals(128, CountersFileDescriptor.NAMES_OFFSET);
        assertEquals(384, CountersFileDescriptor.valuesOffset(3));
        assertEquals(128, CountersFileDescriptor.blockLength(16));
        assertEquals(256, CountersFileDescriptor.blockLength(17));
    }

    @Test
    void shouldBeReadableByOffsetsAlone() throws IOException {
        Path file = directory.resolve("counters");
        try (Counters counters = Counters.create(file, DESCRIPTORS, 2)) {
            counters.set(0, 0, 11);
            counters.set(1, 0, 22);
            counters.set(2, 1, 33);
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            assertEquals("TOEHOLDC", new String(bytes.array(), 0, 8, StandardCharsets.US_ASCII));
            assertEquals(1, bytes.getInt(8));
            assertEquals(3, bytes.getInt(12));
            assertEquals(3, bytes.getInt(16));
            assertEquals(ProcessHandle.current().pid(), bytes.getInt(20));
            assertEquals(1, bytes.getInt(48));
            assertEquals(
                    "tcp.retransmits count", new String(bytes.array(), 128 + 64, 64, StandardCharsets.US_ASCII).trim());
            assertEquals(11, bytes.getLong(384));
            assertEquals(22, bytes.getLong(384 + 128));
            assertEquals(33, bytes.getLong(384 + 2 * 128 + 8));
            assertEquals(33, counters.sum(0));
            assertEquals(1, counters.indexOf("tcp.retransmits"));
            assertThrows(IndexOutOfBoundsException.class, () -> counters.set(3, 0, 1));
        }
    }

    @Test
    void shouldNameEveryCounterOnceAndPublishInItsOrder() {
        List<CounterDescriptor> all = CounterPublisher.descriptors(List.of(CounterSource.ofSessions()));
        assertEquals(
                all.size(),
                new HashSet<>(all.stream().map(CounterDescriptor::name).toList()).size());
        long[] values = {5, 6};
        CounterSource source = CounterSource.ofNames(2, i -> "test.bytes." + (i == 0 ? "in" : "out"), i -> values[i]);
        try (Counters counters =
                Counters.create(directory.resolve("c"), CounterPublisher.descriptors(List.of(source)), 1)) {
            CounterPublisher publisher = new CounterPublisher(counters, 0, List.of(source));
            publisher.publish(0);
            assertEquals(6, counters.get(0, 1));
            assertEquals("bytes", counters.descriptors().getFirst().unit());
            values[1] = 7;
            publisher.poll(CounterPublisher.PERIOD_NS - 1);
            assertEquals(6, counters.get(0, 1));
            publisher.poll(CounterPublisher.PERIOD_NS);
            assertEquals(7, counters.get(0, 1));
        }
    }

    @Test
    void shouldServeMetricsAndHealth() throws Exception {
        String[] trouble = {""};
        try (Counters counters = Counters.create(directory.resolve("counters"), DESCRIPTORS, 1);
                Metrics metrics = new Metrics(counters, () -> trouble[0]);
                HttpClient client = HttpClient.newHttpClient()) {
            counters.set(0, 0, 4242);
            metrics.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String base = "http://127.0.0.1:" + metrics.address().getPort();
            HttpResponse<String> scraped = get(client, base + "/metrics");
            assertEquals(200, scraped.statusCode());
            assertTrue(scraped.body().contains("toehold_placement_bytes_total{lcore=\"0\"} 4242.0"), scraped::body);
            assertTrue(scraped.body().contains("toehold_port_link_up{lcore=\"0\"} 0.0"), scraped::body);
            assertEquals("ok\n", get(client, base + "/healthz").body());
            trouble[0] = "lcore 0 has stopped";
            assertEquals(503, get(client, base + "/healthz").statusCode());
            assertEquals(404, get(client, base + "/metrics/x").statusCode());
            assertEquals(404, get(client, base + "/").statusCode());
        }
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
