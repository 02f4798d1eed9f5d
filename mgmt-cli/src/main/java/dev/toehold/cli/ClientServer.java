package dev.toehold.cli;

import dev.toehold.abi.Option;
import dev.toehold.cli.serve.StreamService;
import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** Accepts connections of one listener and gives each a virtual thread, so many at a time at most. */
final class ClientServer implements AutoCloseable {
    /** What is read behind the end of a conversation, so that closing on unread bytes does not reset the answer away. */
    private static final long MAX_DRAINED_BYTES = 1 << 20;

    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

    private final Toehold toehold;
    private final Listener listener;
    private final SendSlices slices;
    private final StreamService service;
    private final Semaphore places;
    private final Duration idleTimeout;
    private final boolean nagle;

    /** @param nagle whether small segments wait for others that are in flight (RFC 9293 section 3.7.4) */
    ClientServer(
            Toehold toehold,
            InetSocketAddress local,
            StreamService service,
            int maxConnections,
            Duration idleTimeout,
            boolean nagle)
            throws IOException {
        this.toehold = toehold;
        this.service = service;
        this.idleTimeout = idleTimeout;
        this.nagle = nagle;
        places = new Semaphore(maxConnections);
        slices = SendSlices.register(toehold);
        listener = toehold.listen(local);
    }

    /** Serves until {@link #close} or until the engine goes away, which throws. */
    void run() throws IOException {
        while (true) {
            places.acquireUninterruptibly();
            boolean isTaken = false;
            try {
                Connection connection = listener.accept();
                Thread.ofVirtual().name("serve-" + connection.id()).start(() -> {
                    try {
                        converse(connection);
                    } finally {
                        places.release();
                    }
                });
                isTaken = true;
            } finally {
                if (!isTaken) {
                    places.release();
                }
            }
        }
    }

    private void converse(Connection connection) {
        boolean isOrderly = false;
        try {
            connection.setReadTimeout(idleTimeout);
            if (nagle) {
                connection.setOption(Option.NO_DELAY, 0);
            }
            service.serve(new EngineConversation(connection, slices));
            connection.shutdownOutput();
            drain(connection);
            isOrderly = true;
        } catch (SocketTimeoutException e) {
            // The peer said nothing for so long: what it was sent is still delivered.
            isOrderly = true;
        } catch (IOException e) {
            // The peer went away, or broke off a body: a matter of the connection's own.
        } finally {
            if (isOrderly) {
                connection.close();
            } else {
                connection.abort();
            }
        }
    }

    private static void drain(Connection connection) throws IOException {
        connection.setReadTimeout(DRAIN_PATIENCE);
        long drained = 0;
        int length;
        while (drained < MAX_DRAINED_BYTES && (length = connection.awaitReceived()) > 0) {
            connection.consumed(length);
            drained += length;
        }
    }

    /** No new connections; those that there are end in good order, as far as the engine can. */
    @Override
    public void close() {
        listener.close();
        toehold.close();
    }
}
