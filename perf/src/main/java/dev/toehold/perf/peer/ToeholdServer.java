package dev.toehold.perf.peer;

import dev.toehold.abi.ResultCode;
import dev.toehold.client.Connection;
import dev.toehold.client.ConnectionHandler;
import dev.toehold.client.Listener;
import dev.toehold.client.Location;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * {@link Services} over the client library: one thread that polls, and sleeps when there is nothing; payload is received
 * into and sent from registered memory, so this process copies none.
 */
final class ToeholdServer implements AutoCloseable {
    private static final Duration LONGEST_SLEEP = Duration.ofMillis(50);

    /** Memory of a connection: {@link #SLOT_COUNT} slots to receive into and send from. */
    private static final int SLOT_COUNT = 8;

    private static final int ECHO_SLOT_LENGTH = 2 << 10;
    private static final int MAX_ECHO_CONNECTIONS = 512;
    private static final int MAX_BULK_CONNECTIONS = 16;

    /** A sent chunk; with {@link #MAX_UNACKNOWLEDGED} a window that no round trip on this host leaves empty. */
    private static final int SEND_LENGTH = 128 << 10;

    private static final int MAX_UNACKNOWLEDGED = 2 << 20;

    private static final long HELLO = -1;

    private final Toehold toehold;
    private final BytePattern pattern;
    private final Region patternRegion;
    private final SlotPool echoSlots;
    private final SlotPool bulkSlots;
    private final Listener echoListener;
    private final Listener sinkListener;
    private final Listener sourceListener;

    /** What found a ring full: tried again after the next poll. */
    private final ArrayDeque<BooleanSupplier> refused = new ArrayDeque<>();

    private volatile boolean stopped;

    ToeholdServer(Path socket, InetAddress address) throws IOException {
        toehold = Toehold.builder().socket(socket).name("bench").polled().connect();
        boolean stands = false;
        try {
            patternRegion = toehold.register(BytePattern.LENGTH);
            pattern = new BytePattern(patternRegion.memory());
            echoSlots = new SlotPool(toehold, MAX_ECHO_CONNECTIONS, SLOT_COUNT, ECHO_SLOT_LENGTH);
            bulkSlots = new SlotPool(toehold, MAX_BULK_CONNECTIONS, SLOT_COUNT, BytePattern.MAX_CHUNK);
            echoListener = toehold.listen(new InetSocketAddress(address, Services.ECHO_PORT));
            sinkListener = toehold.listen(new InetSocketAddress(address, Services.SINK_PORT));
            sourceListener = toehold.listen(new InetSocketAddress(address, Services.SOURCE_PORT));
            stands = true;
        } finally {
            if (!stands) {
                toehold.close();
            }
        }
    }

    /** Submits now, or as soon as the rings have room again. The offer returns whether it is done with. */
    private void offer(BooleanSupplier offer) {
        if (!offer.getAsBoolean()) {
            refused.add(offer);
        }
    }

    /** Whether there is nothing to be tried again: success, or a connection that has ended. */
    private static boolean isSettled(long code) {
        return code != ResultCode.BACK_PRESSURED && code != ResultCode.LIMIT;
    }

    /** One connection and its slots. */
    private abstract class Service implements ConnectionHandler {
        final Connection connection;
        final SlotPool pool;
        final Location[] slots;

        Service(Connection connection, SlotPool pool) {
            this.connection = connection;
            this.pool = pool;
            this.slots = pool.take();
            connection.setHandler(this);
        }

        final void receive(Location location, int minLength, long token) {
            offer(() -> isSettled(connection.offerReceive(location, minLength, token)));
        }

        final void send(Location location, long token) {
            offer(() -> isSettled(connection.offerSend(location, token)));
        }

        final long helloStream() {
            return slots[0].memory().get(Services.LONG, 0);
        }

        @Override
        public void onTerminated(Connection ended, int code) {
            connection.close();
        }

        @Override
        public void onClosed(Connection ended) {
            pool.giveBack(slots);
        }
    }

    /** Each slot in turn: received into, sent from, and free again when the peer has acknowledged it. */
    private final class Echo extends Service {
        private final boolean[] isBusy = new boolean[SLOT_COUNT];
        private int next;
        private boolean isReceiving;

        private Echo(Connection connection) {
            super(connection, echoSlots);
            receiveNext();
        }

        private void receiveNext() {
            if (!isReceiving && !isBusy[next]) {
                isReceiving = true;
                receive(slots[next], 1, next);
            }
        }

        @Override
        public void onReceived(Connection from, long token, int length, int code) {
            isReceiving = false;
            if (code < 0 || length == 0) {
                connection.close();
                return;
            }
            isBusy[next] = true;
            send(slots[next].first(length), next);
            next = (next + 1) % SLOT_COUNT;
            receiveNext();
        }

        @Override
        public void onSent(Connection to, long token, int code) {
            isBusy[(int) token] = false;
            if (code == 0) {
                receiveNext();
            }
        }
    }

    /** All slots are posted; each is compared when it is full, and posted again. */
    private final class Sink extends Service {
        private PatternVerifier verifier;
        private boolean hasEnded;

        private Sink(Connection connection) {
            super(connection, bulkSlots);
            receive(slots[0].first(Services.HELLO_LENGTH), Services.HELLO_LENGTH, HELLO);
        }

        @Override
        public void onReceived(Connection from, long token, int length, int code) {
            if (hasEnded) {
                return;
            }
            if (token == HELLO) {
                onHello(length);
                return;
            }
            int slot = (int) token;
            verifier.accept(slots[slot].memory(), 0, length);
            if (code < 0) {
                hasEnded = true;
                connection.close();
            } else if (length < slots[slot].length() && connection.isEndOfStream()) {
                hasEnded = true;
                report(slots[slot].first(Services.REPORT_LENGTH));
            } else {
                receive(slots[slot], slots[slot].length(), slot);
            }
        }

        private void onHello(int length) {
            if (length < Services.HELLO_LENGTH) {
                hasEnded = true;
                connection.close();
                return;
            }
            verifier = new PatternVerifier(pattern, helloStream());
            for (int i = 0; i < SLOT_COUNT; i++) {
                receive(slots[i], slots[i].length(), i);
            }
        }

        private void report(Location location) {
            location.memory().set(Services.LONG, 0, verifier.position());
            location.memory().set(Services.LONG, Long.BYTES, verifier.firstMismatch());
            send(location, 0);
            offer(this::closeWhenSubmitted);
        }

        private boolean closeWhenSubmitted() {
            if (connection.isOpen() && connection.submittedPosition() < Services.REPORT_LENGTH) {
                return false;
            }
            connection.close();
            return true;
        }
    }

    /** Sends from the pattern itself; slot 0 takes the hello and then the peer's end, slot 1 the trailer. */
    private final class Source extends Service {
        private long stream;
        private long position;
        private boolean isStarted;
        private boolean isStopping;

        private Source(Connection connection) {
            super(connection, bulkSlots);
            receive(slots[0].first(Services.HELLO_LENGTH), Services.HELLO_LENGTH, HELLO);
        }

        @Override
        public void onReceived(Connection from, long token, int length, int code) {
            if (code < 0 || (isStarted && isStopping)) {
                return;
            }
            if (isStarted) {
                isStopping = true;
                offer(this::finish);
            } else if (length == Services.HELLO_LENGTH) {
                isStarted = true;
                stream = helloStream();
                receive(slots[0].first(1), 1, 0);
                sendMore();
            } else {
                connection.close();
            }
        }

        @Override
        public void onSent(Connection to, long token, int code) {
            if (code == 0) {
                sendMore();
            }
        }

        private void sendMore() {
            while (isStarted
                    && !isStopping
                    && position - connection.acknowledgedPosition() + SEND_LENGTH <= MAX_UNACKNOWLEDGED) {
                Location chunk = patternRegion.location(BytePattern.offset(stream, position), SEND_LENGTH);
                if (connection.offerSend(chunk, 0) < 0) {
                    return; // room comes with a completion, which comes back here
                }
                position += SEND_LENGTH;
            }
        }

        private boolean finish() {
            Location trailer = slots[1].first(Services.TRAILER_LENGTH);
            trailer.memory().set(Services.LONG, 0, position);
            if (!isSettled(connection.offerSend(trailer, 0))) {
                return false;
            }
            connection.close();
            return true;
        }
    }

    /** Serves until {@link #stop}. */
    void run() throws IOException {
        while (!stopped) {
            toehold.poll(refused.isEmpty() ? LONGEST_SLEEP : Duration.ZERO);
            for (int i = refused.size(); i > 0; i--) {
                offer(refused.remove());
            }
            accept(echoListener, Echo::new);
            accept(sinkListener, Sink::new);
            accept(sourceListener, Source::new);
        }
    }

    /** Begins a service on every connection that waits at the listener. */
    static void accept(Listener listener, Consumer<Connection> service) throws IOException {
        Connection connection;
        while ((connection = listener.tryAccept()) != null) {
            service.accept(connection);
        }
    }

    /** Lets {@link #run} end; any thread. */
    void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        toehold.close();
    }
}
