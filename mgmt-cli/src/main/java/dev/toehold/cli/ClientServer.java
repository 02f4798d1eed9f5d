package dev.toehold.cli;

import dev.toehold.abi.Option;
import dev.toehold.cli.serve.StreamService;
import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** Accepts connections of one listener and gives each a virtual thread, so many at a time at most. */
final class ClientServer implements Server {
    /** What is read behind the end of a conversation, so that closing on unread bytes does not reset the answer away. */
    private static final long MAX_DRAINED_BYTES = 1 << 20;

    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);

    private final Toehold toehold;
    private final Listener listener;
    private final SendSlices slices;
    private final StreamService service;
    private final Semaphore places;
    private final ServerSettings settings;

    ClientServer(ServerSettings settings, StreamService service) throws IOException {
        this.settings = settings;
        this.service = service;
        toehold = Toehold.builder()
                .socket(settings.socket())
                .name("serve " + settings.name())
                .connect();
        places = new Semaphore(settings.maxConnections());
        slices = SendSlices.register(toehold);
        listener = toehold.listen(settings.local());
    }

    @Override
    public String engineName() {
        return toehold.engineName();
    }

    @Override
    public void run() throws IOException {
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
            connection.setReadTimeout(settings.idleTimeout());
            connection.setOption(Option.NO_DELAY, settings.noDelay() ? 1 : 0);
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

    @Override
    public void close() {
        listener.close();
        toehold.close();
    }
}
