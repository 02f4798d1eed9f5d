package dev.toehold.cli.demo;

import dev.toehold.cli.CommandFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/** What the counters say about the transfers, and whether they account for every byte. */
final class Report {
    private static final long KI = 1024;

    private final CounterSnapshot before;
    private final CounterSnapshot after;
    private final long downloadedBytes;
    private final long uploadedBytes;

    Report(CounterSnapshot before, CounterSnapshot after, long downloadedBytes, long uploadedBytes) {
        this.before = before;
        this.after = after;
        this.downloadedBytes = downloadedBytes;
        this.uploadedBytes = uploadedBytes;
    }

    /**
     * Prints it.
     *
     * @throws CommandFailedException if the port moved less than the payload
     */
    void print(PrintWriter out, Child engine, Child server) throws IOException {
        out.printf(
                Locale.ROOT,
                "segments  %d in, %d out, %d retransmitted%n",
                of("tcp.segments.in"),
                of("tcp.segments.out"),
                of("tcp.retransmits"));
        out.printf(
                Locale.ROOT,
                "port      %s in %d packets received, %s in %d packets sent%n",
                size(of("port.rx.bytes")),
                of("port.rx.packets"),
                size(of("port.tx.bytes")),
                of("port.tx.packets"));
        out.printf(
                Locale.ROOT,
                "payload   %d bytes placed, %d moved by the engine, %d copied by the client library%n",
                of("placement.bytes"),
                of("placement.moved.bytes"),
                of("client.copied.bytes"));
        out.printf(
                Locale.ROOT,
                "memory    engine %s resident (%s shared), web server %s resident%n",
                size(engine.residentBytes("VmRSS")),
                size(engine.residentBytes("RssShmem")),
                size(server.residentBytes("VmRSS")));
        out.flush();
        check("port.tx.bytes", downloadedBytes);
        check("port.rx.bytes", uploadedBytes);
        check("placement.bytes", uploadedBytes);
    }

    private long of(String counter) {
        return after.since(before, counter);
    }

    private void check(String counter, long payload) {
        if (of(counter) < payload) {
            throw new CommandFailedException("counter " + counter + " rose by " + of(counter) + " for " + payload
                    + " bytes of payload: they did not all go through the engine");
        }
    }

    /** With a binary unit and two decimals, or exactly where that is shorter. */
    static String size(long bytes) {
        String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        double value = bytes;
        while (value >= KI && unit < units.length - 1) {
            value /= KI;
            unit++;
        }
        return (value == Math.rint(value) ? "%.0f %s" : "%.2f %s").formatted(value, units[unit]);
    }
}
