package dev.toehold.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.tcp.LogLinearHistogram;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus is told, and that callers do not get into each other's way. */
class MetricsTest {
    private static final List<CounterDescriptor> DESCRIPTORS = List.of(
            CounterDescriptor.ofLcores("placement.bytes", "placed"),
            new CounterDescriptor("port.rx.packets", "count", "received", Map.of("port", "eth1"), false, 1),
            CounterDescriptor.gaugeOfLcores("connections.open", "open"),
            CounterDescriptor.ofEngine("policy.denied", "denied"),
            CounterDescriptor.ofLcores("lcore.sleep.ns", "asleep"));

    @TempDir
    private Path directory;

    private final LogLinearHistogram times = new LogLinearHistogram(1L << 33);
    private final String[] trouble = {"", ""};
    private final HttpClient client = HttpClient.newHttpClient();
    private Counters counters;
    private Metrics metrics;
    private String base;

    @BeforeEach
    void listen() throws Exception {
        counters = Counters.create(
                directory.resolve("counters"),
                DESCRIPTORS,
                List.of(HistogramDescriptor.of("tcp.rtt.ns", "round trips", times)),
                2);
        List<GaugeSource> gauges = List.of(new GaugeSource(
                CounterDescriptor.gaugeOfEngine("port.link.up", "link", Map.of("port", "eth1")), () -> 1));
        metrics = new Metrics(counters, gauges, () -> trouble[0], () -> trouble[1]);
        metrics.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        base = "http://127.0.0.1:" + metrics.address().getPort();
    }

    @AfterEach
    void close() {
        client.close();
        metrics.close();
        counters.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void shouldTellEachCounterWhereItIsCounted() throws Exception {
        counters.set(0, 0, 4242);
        counters.set(1, 1, 7);
        counters.set(1, 2, 3);
        counters.set(2, 3, 9);
        counters.set(0, 4, 1_500_000_000);
        HttpResponse<String> scraped = get("/metrics");
        assertEquals(200, scraped.statusCode());
        List<String> lines = scraped.body().lines().toList();
        assertTrue(lines.contains("toehold_placement_bytes_total{lcore=\"0\"} 4242.0"), scraped::body);
        assertTrue(lines.contains("toehold_port_rx_packets_total{lcore=\"1\",port=\"eth1\"} 7.0"), scraped::body);
        assertTrue(lines.contains("toehold_connections_open{lcore=\"1\"} 3.0"), scraped::body);
        assertTrue(lines.contains("toehold_policy_denied_total 9.0"), scraped::body);
        assertTrue(lines.contains("toehold_lcore_sleep_seconds_total{lcore=\"0\"} 1.5"), scraped::body);
        assertTrue(lines.contains("toehold_port_link_up{port=\"eth1\"} 1.0"), scraped::body);
        assertEquals(
                1,
                lines.stream()
                        .filter(l -> l.startsWith("toehold_port_rx_packets_total{"))
                        .count(),
                "a port's counters are of the lcore that owns it alone");
        assertEquals(
                2,
                lines.stream()
                        .filter(l -> l.startsWith("toehold_lcore_sleep_seconds_total{"))
                        .count());
    }

    @Test
    void shouldTellHistogramsInSeconds() throws Exception {
        times.record(500);
        times.record(1_500_000);
        times.record(1L << 40);
        counters.set(1, 0, times);
        List<String> lines = get("/metrics").body().lines().toList();
        assertTrue(lines.contains("toehold_tcp_rtt_seconds_bucket{lcore=\"1\",le=\"1.023E-6\"} 1"), lines::toString);
        assertTrue(lines.contains("toehold_tcp_rtt_seconds_bucket{lcore=\"1\",le=\"0.001048575\"} 1"), lines::toString);
        assertTrue(lines.contains("toehold_tcp_rtt_seconds_bucket{lcore=\"1\",le=\"0.002097151\"} 2"), lines::toString);
        assertTrue(lines.contains("toehold_tcp_rtt_seconds_bucket{lcore=\"1\",le=\"+Inf\"} 3"), lines::toString);
        assertTrue(lines.contains("toehold_tcp_rtt_seconds_count{lcore=\"0\"} 0"), lines::toString);
    }

    @Test
    void shouldSpeakOpenMetricsToWhoAsksForIt() throws Exception {
        HttpResponse<String> open =
                get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        assertEquals(
                MetricRegistry.OPEN_METRICS,
                open.headers().firstValue("Content-Type").orElse(""));
        assertTrue(open.body().endsWith("# EOF\n"), open::body);
        HttpResponse<String> plain = get("/metrics", "Accept", "text/plain");
        assertEquals(
                MetricRegistry.TEXT, plain.headers().firstValue("Content-Type").orElse(""));
        assertFalse(plain.body().contains("# EOF"), plain::body);
    }

    @Test
    void shouldTellHealthAndReadiness() throws Exception {
        assertEquals("ok\n", get("/healthz").body());
        assertEquals("ok\n", get("/readyz").body());
        trouble[1] = "port eth1 has no link";
        assertEquals(200, get("/healthz").statusCode());
        assertEquals(503, get("/readyz").statusCode());
        assertEquals("port eth1 has no link\n", get("/readyz").body());
        trouble[0] = "lcore 0 has stopped";
        assertEquals(503, get("/healthz").statusCode());
        assertEquals(404, get("/metrics/x").statusCode());
        assertEquals(404, get("/").statusCode());
    }

    @Test
    void shouldServeOthersWhileCallersHang() throws Exception {
        List<Socket> hanging = new ArrayList<>();
        try {
            for (int i = 0; i < Metrics.MAX_CALLERS / 2; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), metrics.address().getPort());
                hanging.add(socket);
                String half = i % 2 == 0 ? "GET /metr" : "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
                socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
            }
            assertEquals(200, get("/metrics").statusCode());
            // Those that are silent are hung up on: the read ends.
            assertEquals(-1, hanging.getFirst().getInputStream().read());
        } finally {
            for (Socket socket : hanging) {
                socket.close();
            }
        }
    }

    @Test
    void shouldServeOthersWhileAHealthCheckWaits() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (Metrics slow = new Metrics(
                counters,
                List.of(),
                () -> {
                    asked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return "";
                },
                () -> "")) {
            slow.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            base = "http://127.0.0.1:" + slow.address().getPort();
            try (Socket waiting =
                    new Socket(InetAddress.getLoopbackAddress(), slow.address().getPort())) {
                waiting.getOutputStream()
                        .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                asked.await();
                assertEquals(200, get("/metrics").statusCode());
            } finally {
                release.countDown();
            }
        }
    }
}
