package dev.toehold.cli;

import dev.toehold.cli.ServeCommand.Service;
import dev.toehold.client.Connection;
import dev.toehold.client.Toehold;
import dev.toehold.engine.rehearsal.Compilers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests to the server of this process, through the engine as another client's, before it says that it is ready: a JVM interprets what it has not seen often, and
 * interpreted a request takes milliseconds.
 */
final class ServeRehearsal {
    private static final int REQUESTS = 1_000;

    /** More of them with pauses, in which engine and server come to rest: going to sleep and waking up want to be rehearsed too. */
    private static final int PACED_REQUESTS = 100;

    private static final Duration PAUSE = Duration.ofMillis(8);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long LIMIT_NS = Duration.ofSeconds(3).toNanos();

    private static final byte[] ECHO = "0123456789abcdef".repeat(4).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEAD =
            "HEAD /rehearsal HTTP/1.1\r\nHost: rehearsal\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private ServeRehearsal() {}

    /** Rehearses as far as the engine lets it: where a server may not connect, the first requests stay slow. */
    static void run(Path socket, InetSocketAddress local, Service service) {
        if (service != Service.ECHO && service != Service.HTTP) {
            return;
        }
        try (Toehold toehold =
                Toehold.builder().socket(socket).name("rehearsal").connect()) {
            InetAddress address =
                    local.getAddress().isAnyLocalAddress() ? toehold.addresses().getFirst() : local.getAddress();
            Connection connection = toehold.open(new InetSocketAddress(address, local.getPort()), PATIENCE);
            try {
                connection.setReadTimeout(PATIENCE);
                converse(connection, service);
            } finally {
                connection.abort();
            }
        } catch (IOException e) {
            // Nobody waits for these answers.
        }
        Compilers.awaitRest(PATIENCE);
    }

    private static void converse(Connection connection, Service service) throws IOException {
        InputStream in = connection.inputStream();
        OutputStream out = connection.outputStream();
        long endNs = System.nanoTime() + LIMIT_NS;
        for (int i = 0; i < REQUESTS + PACED_REQUESTS && System.nanoTime() - endNs < 0; i++) {
            if (i >= REQUESTS) {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
            if (service == Service.ECHO) {
                out.write(ECHO);
                in.readNBytes(ECHO.length);
            } else {
                out.write(HEAD);
                readHead(in);
            }
        }
    }

    /** Reads the answer to a HEAD, which has no body. */
    private static void readHead(InputStream in) throws IOException {
        int matched = 0;
        while (matched < END_OF_HEAD.length) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the server ended the connection");
            }
            matched = next == END_OF_HEAD[matched] ? matched + 1 : next == END_OF_HEAD[0] ? 1 : 0;
        }
    }
}
