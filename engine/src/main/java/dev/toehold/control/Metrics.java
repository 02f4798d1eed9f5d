package dev.toehold.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Prometheus metrics and the health check over HTTP. The values are the counters file's, read when somebody asks; nothing here
 * touches an lcore.
 */
public final class Metrics implements AutoCloseable {
    private static final int BACKLOG = 16;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Supplier<String> health;
    private HttpServer server;
    private ExecutorService executor;

    /** @param health an empty text while all is well, else what is not */
    public Metrics(Counters counters, Supplier<String> health) {
        this.health = health;
        for (int i = 0; i < counters.descriptors().size(); i++) {
            register(counters, i);
        }
    }

    private void register(Counters counters, int counter) {
        CounterDescriptor descriptor = counters.descriptors().get(counter);
        String name = "toehold." + descriptor.name();
        for (int block = 0; block < counters.blocks(); block++) {
            int one = block;
            String lcore = block == counters.blocks() - 1 ? "engine" : Integer.toString(block);
            if (descriptor.isGauge()) {
                Gauge.builder(name, () -> counters.get(one, counter))
                        .tag("lcore", lcore)
                        .description(descriptor.meaning())
                        .register(registry);
            } else {
                FunctionCounter.builder(name, counters, c -> c.get(one, counter))
                        .tag("lcore", lcore)
                        .description(descriptor.meaning())
                        .register(registry);
            }
        }
    }

    /** What a scrape answers. */
    public String scrape() {
        return registry.scrape();
    }

    /**
     * Serves {@code /metrics} and {@code /healthz}.
     *
     * @throws IOException if the address is taken or not of this host
     */
    public void listen(InetSocketAddress address) throws IOException {
        HttpServer newServer = HttpServer.create(address, BACKLOG);
        executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("toehold-metrics").daemon().factory());
        newServer.setExecutor(executor);
        newServer.createContext("/metrics", this::onMetrics);
        newServer.createContext("/healthz", this::onHealth);
        newServer.start();
        server = newServer;
    }

    /** Where it listens: tells the port if 0 was asked for. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void onMetrics(HttpExchange exchange) throws IOException {
        answer(exchange, "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", scrape());
    }

    private void onHealth(HttpExchange exchange) throws IOException {
        String trouble = health.get();
        boolean isWell = trouble.isEmpty();
        answer(exchange, "/healthz", isWell ? 200 : 503, "text/plain; charset=utf-8", (isWell ? "ok" : trouble) + "\n");
    }

    private static void answer(HttpExchange exchange, String path, int status, String type, String text)
            throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!exchange.getRequestURI().getPath().equals(path)) {
                exchange.sendResponseHeaders(404, -1);
            } else if (method.equals("GET") || method.equals("HEAD")) {
                byte[] body = text.getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", type);
                boolean isHead = method.equals("HEAD");
                exchange.sendResponseHeaders(status, isHead ? -1 : body.length);
                if (!isHead) {
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write(body);
                    }
                }
            } else {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
            }
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
            executor.shutdownNow();
        }
        registry.close();
    }
}
