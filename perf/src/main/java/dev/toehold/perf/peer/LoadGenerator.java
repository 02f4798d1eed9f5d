package dev.toehold.perf.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The load generator: reads one order a line from its standard input, answers each with one line, ends with its input.
 *
 * <pre>
 * request-response ADDRESS CONNECTIONS WARMUP_MS MEASURE_MS
 * bulk-in ADDRESS CONNECTIONS WARMUP_MS MEASURE_MS
 * bulk-out ADDRESS CONNECTIONS WARMUP_MS MEASURE_MS
 * sum ADDRESS CONNECTIONS WARMUP_MS MEASURE_MS
 * forward ADDRESS 1 WARMUP_MS MEASURE_MS
 * </pre>
 *
 * The process lives as long as the whole benchmark, so every contender meets the same compiled code.
 */
final class LoadGenerator {
    private static final long NS_PER_MS = 1_000_000;

    private final BytePattern pattern = new BytePattern();

    /** One order. */
    record Order(String load, String address, int connections, long warmUpNs, long measureNs) {
        static Order parse(String line) {
            String[] words = line.split(" ", -1);
            return new Order(
                    words[0],
                    words[1],
                    Integer.parseInt(words[2]),
                    Long.parseLong(words[3]) * NS_PER_MS,
                    Long.parseLong(words[4]) * NS_PER_MS);
        }

        InetSocketAddress remote(int port) {
            return new InetSocketAddress(address, port);
        }
    }

    void run(PrintStream out) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            out.println("ready");
            String line;
            while ((line = in.readLine()) != null) {
                out.println(answer(line));
            }
        }
    }

    private String answer(String line) {
        try {
            Order order = Order.parse(line);
            return load(order).toLine();
        } catch (IOException | RuntimeException e) {
            return "failed " + e.toString().replace('\n', ' ');
        }
    }

    private LoadResult load(Order order) throws IOException {
        return switch (order.load()) {
            case "request-response" ->
                order.connections() == 1 ? new SingleRequestLoad(order).run() : new ManyRequestsLoad(order).run();
            case "bulk-in" -> new BulkInLoad(order, pattern, false).run();
            case "sum" -> new BulkInLoad(order, pattern, true).run();
            case "forward" -> new ForwardLoad(order, pattern).run();
            case "bulk-out" -> new BulkOutLoad(order, pattern).run();
            default -> throw new PeerFailure("unknown load " + order.load());
        };
    }
}
