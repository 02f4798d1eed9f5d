package dev.toehold.perf.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Entry point of the processes at both ends: {@code generator}, {@code kernel-server ADDRESS}, {@code toehold-server ADDRESS
 * SOCKET}, likewise {@code toehold-direct} and {@code toehold-streams}. Each prints "ready" when it is, and ends when its standard input does, so none outlives who started it.
 */
public final class PeerMain {
    private PeerMain() {}

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        switch (args[0]) {
            case "generator" -> new LoadGenerator().run(out);
            case "kernel-server" -> serveKernel(InetAddress.getByName(args[1]), out);
            case "toehold-server" -> serveToehold(Path.of(args[2]), InetAddress.getByName(args[1]), out);
            case "toehold-direct" -> serveDirect(Path.of(args[2]), InetAddress.getByName(args[1]), out);
            case "toehold-streams" -> serveStreams(Path.of(args[2]), InetAddress.getByName(args[1]), out);
            default -> throw new IllegalArgumentException("program=" + args[0]);
        }
    }

    private static void serveKernel(InetAddress address, PrintStream out) throws IOException {
        try (KernelServer server = new KernelServer(address)) {
            atEndOfInput(() -> Runtime.getRuntime().halt(0)); // nothing of it outlives the process
            out.println("ready");
            server.run();
        }
    }

    private static void serveToehold(Path socket, InetAddress address, PrintStream out) throws IOException {
        try (ToeholdServer server = new ToeholdServer(socket, address)) {
            atEndOfInput(server::stop);
            out.println("ready");
            server.run();
        }
    }

    private static void serveDirect(Path socket, InetAddress address, PrintStream out) throws IOException {
        try (DirectServer server = new DirectServer(socket, address)) {
            atEndOfInput(server::stop);
            out.println("ready");
            server.run();
        }
    }

    private static void serveStreams(Path socket, InetAddress address, PrintStream out) throws IOException {
        try (StreamServer server = new StreamServer(socket, address)) {
            atEndOfInput(() -> Runtime.getRuntime().halt(0)); // nothing of it outlives the process
            out.println("ready");
            server.run();
        }
    }

    private static void atEndOfInput(Runnable action) {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is ever said.
                }
            } catch (IOException e) {
                // Gone as well.
            }
            action.run();
        });
    }
}
