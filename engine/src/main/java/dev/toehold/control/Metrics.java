package dev.toehold.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Prometheus metrics and the health checks over HTTP. A caller that says nothing, or reads nothing, has a virtual thread of its own and loses
 * its connection after {@link #PATIENCE_SECONDS}; beyond {@link #MAX_CALLERS} at once new ones are hung up on. Nobody else waits for it.
 */
public final class Metrics implements AutoCloseable {
    static final int MAX_CALLERS = 64;
    static final int PATIENCE_SECONDS = 5;

    private static final int BACKLOG = 16;
    private static final String PLAIN = "text/plain; charset=utf-8";

    static {
        // Limits of the JDK's server can be given as properties only, and it reads them once.
        setDefault("jdk.httpserver.maxConnections", MAX_CALLERS);
        setDefault("sun.net.httpserver.maxReqTime", PATIENCE_SECONDS);
        setDefault("sun.net.httpserver.maxRspTime", PATIENCE_SECONDS);
    }

    private final MetricRegistry registry;
    private final Supplier<String> health;
    private final Supplier<String> readiness;
    private HttpServer server;
    private ExecutorService executor;

    /**
     * @param health an empty text while all is well, else what is not; may take a while
     * @param readiness an empty text while clients and peers are served, else why not; likewise
     */
    public Metrics(Counters counters, List<GaugeSource> gauges, Supplier<String> health, Supplier<String> readiness) {
        registry = new MetricRegistry(counters, gauges);
        this.health = health;
        this.readiness = readiness;
    }

    private static void setDefault(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    /**
     * Serves {@code /metrics}, {@code /healthz} and {@code /readyz}.
     *
     * @throws IOException if the address is taken or not of this host
     */
    public void listen(InetSocketAddress address) throws IOException {
        HttpServer newServer = HttpServer.create(address, BACKLOG);
        executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("toehold-metrics-", 0).factory());
        newServer.setExecutor(executor);
        newServer.createContext("/metrics", exchange -> answer(exchange, "/metrics", () -> scrape(exchange)));
        newServer.createContext("/healthz", exchange -> answer(exchange, "/healthz", () -> state(health.get())));
        newServer.createContext("/readyz", exchange -> answer(exchange, "/readyz", () -> state(readiness.get())));
        newServer.start();
        server = newServer;
    }

    /** Where it listens: tells the port if 0 was asked for. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private record Answer(int status, String type, String body) {}

    private Answer scrape(HttpExchange exchange) {
        String type = MetricRegistry.contentType(exchange.getRequestHeaders().getFirst("Accept"));
        return new Answer(200, type, registry.scrape(type));
    }

    private static Answer state(String trouble) {
        return trouble.isEmpty() ? new Answer(200, PLAIN, "ok\n") : new Answer(503, PLAIN, trouble + "\n");
    }

    private static void answer(HttpExchange exchange, String path, Supplier<Answer> supplier) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!exchange.getRequestURI().getPath().equals(path)) {
                exchange.sendResponseHeaders(404, -1);
            } else if (method.equals("GET") || method.equals("HEAD")) {
                Answer answer = supplier.get();
                byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", answer.type());
                boolean isHead = method.equals("HEAD");
                exchange.sendResponseHeaders(answer.status(), isHead ? -1 : body.length);
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
