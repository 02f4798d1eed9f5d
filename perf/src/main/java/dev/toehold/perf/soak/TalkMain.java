package dev.toehold.perf.soak;

import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Entry point of a process of conversations: {@code kernel-answer ADDRESS PORT}, {@code toehold-answer SOCKET PORT}, {@code kernel-ask TAG
 * COUNT ADDRESS PORT}, {@code toehold-ask SOCKET TAG COUNT ADDRESS PORT}. Says "ready" when all connections stand, answers {@code hold},
 * {@code release} and {@code report} by a {@link TalkReport}, says "failed" and why, and ends when its standard input does.
 */
public final class TalkMain {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BACKLOG = 4096;
    private static final long RECEIVE_BYTES = 2 << 20;
    private static final int CREDIT_BYTES = 256 << 10;
    private static final long SEND_BYTES = 1 << 20;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Talk talk = new Talk(failure -> say("failed " + failure));

    private TalkMain() {}

    public static void main(String[] args) throws Exception {
        new TalkMain().run(args);
    }

    private synchronized void say(String line) {
        out.println(line);
    }

    private void run(String[] args) throws Exception {
        switch (args[0]) {
            case "kernel-answer" -> answerByKernel(InetAddress.getByName(args[1]), Integer.parseInt(args[2]));
            case "toehold-answer" -> answerByToehold(attach(args[1], 0), Integer.parseInt(args[2]));
            case "kernel-ask" -> {
                long tag = Long.parseLong(args[1]);
                for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                    Socket socket = new Socket(args[3], Integer.parseInt(args[4]));
                    socket.setTcpNoDelay(true);
                    talk.startAsking(new KernelEnd(socket), tag, seed(tag, i));
                }
            }
            case "toehold-ask" -> {
                long tag = Long.parseLong(args[2]);
                Toehold toehold = attach(args[1], tag);
                InetSocketAddress remote = new InetSocketAddress(args[4], Integer.parseInt(args[5]));
                for (int i = 0; i < Integer.parseInt(args[3]); i++) {
                    talk.startAsking(new ToeholdEnd(toehold.open(remote, PATIENCE)), tag, seed(tag, i));
                }
            }
            default -> throw new IllegalArgumentException("program=" + args[0]);
        }
        say("ready");
        obey();
        // Nothing of it outlives the process, and no conversation is to notice the end.
        Runtime.getRuntime().halt(0);
    }

    private static long seed(long tag, int connection) {
        return tag * 100_003 + connection;
    }

    private static Toehold attach(String socket, long tag) throws IOException {
        return Toehold.builder()
                .socket(Path.of(socket))
                .name("talk-" + tag)
                .receiveBufferBytes(RECEIVE_BYTES)
                .receiveCreditBytes(CREDIT_BYTES)
                .sendBufferBytes(SEND_BYTES)
                .patience(PATIENCE)
                .resumeFor(Duration.ZERO)
                .connect();
    }

    private void answerByKernel(InetAddress address, int port) throws IOException {
        ServerSocket server = new ServerSocket(port, BACKLOG, address);
        acceptForEver(() -> {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true);
            talk.startAnswering(new KernelEnd(socket));
        });
    }

    private void answerByToehold(Toehold toehold, int port) throws IOException {
        Listener listener = toehold.listen(new InetSocketAddress(port));
        acceptForEver(() -> talk.startAnswering(new ToeholdEnd(listener.accept())));
    }

    private interface Acceptance {
        void accept() throws IOException;
    }

    private void acceptForEver(Acceptance acceptance) {
        Thread.ofPlatform().daemon().name("accept").start(() -> {
            try {
                while (true) {
                    acceptance.accept();
                }
            } catch (IOException e) {
                say("failed accepting: " + e);
            }
        });
    }

    private void obey() throws IOException, InterruptedException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String command;
        while ((command = commands.readLine()) != null) {
            switch (command) {
                case "hold" -> talk.hold();
                case "release" -> talk.release();
                default -> {}
            }
            say(talk.report());
        }
    }

    private record KernelEnd(Socket socket) implements Talk.End {
        @Override
        public InputStream input() throws IOException {
            return socket.getInputStream();
        }

        @Override
        public OutputStream output() throws IOException {
            return socket.getOutputStream();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private record ToeholdEnd(Connection connection) implements Talk.End {
        @Override
        public InputStream input() {
            return connection.inputStream();
        }

        @Override
        public OutputStream output() {
            return connection.outputStream();
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
