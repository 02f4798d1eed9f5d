package dev.toehold.cli.demo;

import dev.toehold.cli.CommandFailedException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * One run: network, engine, web server, transfers, verdict. It fails unless every byte arrived, the port's counters account
 * for every byte, and the kernel had no TCP socket on the engine's side.
 */
public final class Demo {
    private static final int HTTP_PORT = 80;
    private static final long READY_SECONDS = 60;
    private static final long NS_PER_S = 1_000_000_000;

    /** Bytes per second of one direction, as the sum of its transfers. */
    private static final class Direction {
        private final String name;
        private long bytes;
        private long ns;

        Direction(String name) {
            this.name = name;
        }

        void add(long moreBytes, long startedNs) {
            bytes += moreBytes;
            ns += System.nanoTime() - startedNs;
        }

        String rate() {
            return "%-9s %s at %.2f Gbit/s".formatted(name, Report.size(bytes), bytes * 8.0 / Math.max(1, ns));
        }
    }

    private final String launcher;
    private final long size;
    private final int seconds;
    private final BiFunction<Path, String, String> admin;
    private final PrintWriter out;

    private final Direction downloads = new Direction("download");
    private final Direction uploads = new Direction("upload");

    /**
     * @param launcher the toehold command, for the child processes
     * @param size bytes of each transfer
     * @param seconds transfers are repeated for so long, but there is one each way at least
     * @param admin asks the engine at a control socket for a listing, as JSON
     */
    public Demo(String launcher, long size, int seconds, BiFunction<Path, String, String> admin, PrintWriter out) {
        this.launcher = launcher;
        this.size = size;
        this.seconds = seconds;
        this.admin = admin;
        this.out = out;
    }

    /** Runs it; whatever happens, nothing is left behind. */
    public void run() throws Exception {
        Cleanup cleanup = new Cleanup();
        try (cleanup) {
            run(cleanup);
        } catch (Exception e) {
            // Whatever failed, it failed because everything was being removed.
            throw cleanup.isInterrupted() ? new CommandFailedException("the demo was ended before its time", e) : e;
        }
    }

    private void run(Cleanup cleanup) throws Exception {
        Path directory = cleanup.make("its directory", () -> WorkDirectory.create(2 * size), WorkDirectory::delete);
        say("two network namespaces, joined by a veth of MTU " + DemoNetwork.MTU);
        DemoNetwork network = DemoNetwork.create(cleanup);

        Path state = directory.resolve("engine");
        Path socket = state.resolve("control.sock");
        Path config = Files.writeString(directory.resolve("demo.toml"), configuration(state));
        say("engine on " + DemoNetwork.ENGINE_DEVICE + " with " + DemoNetwork.ENGINE_ADDRESS + " and "
                + DemoNetwork.ENGINE_ADDRESS6);
        Child engine = cleanup.make(
                "the engine",
                () -> Child.start(
                        "engine",
                        network.onEngineSide(List.of(launcher, "run", "--config", config.toString())),
                        directory),
                Child::stop);
        engine.awaitReady(READY_SECONDS);

        Path root = Files.createDirectory(directory.resolve("files"));
        say("web server: a client process, `toehold serve http`");
        Child server = cleanup.make(
                "the web server",
                () -> Child.start(
                        "server",
                        network.onEngineSide(List.of(
                                launcher,
                                "serve",
                                "http",
                                "--root",
                                root.toString(),
                                "--listen",
                                "[::]:" + HTTP_PORT,
                                "--max-upload",
                                Long.toString(size),
                                "--socket",
                                socket.toString())),
                        directory),
                Child::stop);
        server.awaitReady(READY_SECONDS);

        long seed = new Random().nextLong();
        Path source = root.resolve("download");
        String expected = Payload.write(source, size, seed);
        say(Report.size(size) + " of random bytes (seed " + seed + "), SHA-256 " + expected);

        CounterSnapshot before = counters(socket);
        transfer(new Curl(network, cleanup), network, root, expected);
        CounterSnapshot after = counters(socket);
        engine.checkAlive();
        server.checkAlive();
        new Report(before, after, downloads.bytes, uploads.bytes).print(out, engine, server);
    }

    private void transfer(Curl curl, DemoNetwork network, Path root, String expected) throws Exception {
        long endNs = System.nanoTime() + seconds * NS_PER_S;
        boolean isIpv6 = false;
        do {
            // Both families in turn; with one round, one direction each.
            download(curl, url(isIpv6), expected);
            checkKernel(network);
            upload(curl, url(!isIpv6), root, expected);
            checkKernel(network);
            isIpv6 = !isIpv6;
        } while (System.nanoTime() < endNs);
        say(downloads.rate());
        say(uploads.rate());
    }

    private static String url(boolean isIpv6) {
        return "http://" + (isIpv6 ? "[" + DemoNetwork.ENGINE_ADDRESS6 + "]" : DemoNetwork.ENGINE_ADDRESS) + "/";
    }

    private void download(Curl curl, String url, String expected) throws Exception {
        long startedNs = System.nanoTime();
        String hash = curl.download(url + "download");
        downloads.add(size, startedNs);
        compare("download from " + url, expected, hash);
    }

    private void upload(Curl curl, String url, Path root, String expected) throws Exception {
        Path stored = root.resolve("upload");
        long startedNs = System.nanoTime();
        curl.upload(root.resolve("download"), url + "upload");
        uploads.add(size, startedNs);
        compare("upload to " + url, expected, Payload.hash(stored));
        Files.delete(stored);
    }

    private void compare(String what, String expected, String hash) {
        if (!hash.equals(expected)) {
            throw new CommandFailedException(
                    what + " is damaged: SHA-256 at the end is " + hash + ", at the source " + expected);
        }
        say(what + ": SHA-256 equal at both ends");
    }

    private static void checkKernel(DemoNetwork network) throws Exception {
        List<String> sockets = network.kernelTcpSockets();
        if (!sockets.isEmpty()) {
            throw new CommandFailedException(
                    "the kernel holds TCP sockets on the engine's side, so it was not the engine that spoke: "
                            + sockets);
        }
    }

    private CounterSnapshot counters(Path socket) {
        return CounterSnapshot.parse(admin.apply(socket, "counters"));
    }

    private static String configuration(Path state) {
        return Stream.of(
                        "[engine]",
                        "name = \"demo\"",
                        "state = \"" + state + "\"",
                        "lcores = []",
                        "max-connections = 1024",
                        "[[port]]",
                        "device = \"" + DemoNetwork.ENGINE_DEVICE + "\"",
                        "addresses = [\"" + DemoNetwork.ENGINE_ADDRESS + "/24\", \"" + DemoNetwork.ENGINE_ADDRESS6
                                + "/64\"]",
                        "mtu = " + DemoNetwork.MTU,
                        "")
                .collect(java.util.stream.Collectors.joining("\n"));
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }
}
