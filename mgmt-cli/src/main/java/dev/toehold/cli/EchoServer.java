package dev.toehold.cli;

import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import dev.toehold.client.Connection;
import dev.toehold.client.ConnectionHandler;
import dev.toehold.client.Listener;
import dev.toehold.client.Location;
import dev.toehold.client.Toehold;
import dev.toehold.ffi.linux.NativeThread;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Sends back whatever comes, until the peer's end of stream (RFC 862), from the memory into which it came. One thread polls and
 * answers: between a request and its answer nobody else has to be woken.
 */
final class EchoServer implements Server {
    /** Also how late an idle connection may be let go. */
    private static final Duration LONGEST_SLEEP = Duration.ofMillis(250);

    /** A request takes less: what an lcore waits for on the same CPU runs at once, and no longer than that before the lcore goes on. */
    private static final long TIME_SLICE_NS = 100_000;

    private final Toehold toehold;
    private final Listener listener;
    private final EchoSlots slots;
    private final ServerSettings settings;
    private final long idleTimeoutNs;
    private final Set<Echo> echoes = new HashSet<>();
    private long nowNs = System.nanoTime();
    private boolean isAnyRefused;
    private volatile boolean isStopping;

    EchoServer(ServerSettings settings) throws IOException {
        this.settings = settings;
        idleTimeoutNs = settings.idleTimeout().toNanos();
        toehold = Toehold.builder()
                .socket(settings.socket())
                .name("serve " + settings.name())
                .polled()
                .connect();
        slots = new EchoSlots(toehold, settings.maxConnections());
        boolean stands = false;
        try {
            listener = toehold.listen(settings.local());
            stands = true;
        } finally {
            if (!stands) {
                toehold.close();
            }
        }
    }

    @Override
    public String engineName() {
        return toehold.engineName();
    }

    @Override
    public void run() throws IOException {
        boolean _ = NativeThread.setTimeSlice(TIME_SLICE_NS);
        long sweptNs = nowNs;
        while (!isStopping) {
            toehold.poll(isAnyRefused ? Duration.ZERO : LONGEST_SLEEP);
            nowNs = System.nanoTime();
            if (isAnyRefused) {
                isAnyRefused = false;
                echoes.forEach(Echo::goOn);
            }
            if (nowNs - sweptNs >= LONGEST_SLEEP.toNanos()) {
                sweptNs = nowNs;
                echoes.forEach(Echo::closeIfSilent);
            }
            accept();
        }
    }

    private void accept() throws IOException {
        Connection connection;
        while (echoes.size() < settings.maxConnections() && (connection = listener.tryAccept()) != null) {
            Echo echo = new Echo(connection, slots.take());
            echoes.add(echo);
            connection.setHandler(echo);
            try {
                connection.setOption(Option.NO_DELAY, settings.noDelay() ? 1 : 0);
                echo.goOn();
            } catch (IOException e) {
                connection.abort(); // it ended before it began
            }
        }
    }

    @Override
    public void close() {
        isStopping = true;
        toehold.close();
    }

    /** One connection: its slots go round, each received into, sent from, and free when the peer has acknowledged it. */
    private final class Echo implements ConnectionHandler {
        private final Connection connection;
        private final Location[] ring;
        private long postedCount;
        private long receivedCount;
        private long sentCount;
        private long acknowledgedCount;
        private int receivedLength;
        private long activeNs = nowNs;

        private Echo(Connection connection, Location[] ring) {
            this.connection = connection;
            this.ring = ring;
        }

        private Location slot(long count) {
            return ring[(int) (count % EchoSlots.SLOTS)];
        }

        /** Sends what has come, then receives into the next slot if it is free. */
        private void goOn() {
            if (sentCount < receivedCount
                    && isAccepted(connection.offerSend(slot(sentCount).first(receivedLength), 0))) {
                sentCount++;
            }
            boolean isSlotFree = postedCount - acknowledgedCount < EchoSlots.SLOTS;
            if (postedCount == sentCount
                    && isSlotFree
                    && isAccepted(connection.offerReceive(slot(postedCount), 1, 0))) {
                postedCount++;
            }
        }

        /** Whether a verb was taken. If only the rings were full it is tried again; a connection that has ended says so itself. */
        private boolean isAccepted(long code) {
            isAnyRefused |= code == ResultCode.BACK_PRESSURED || code == ResultCode.LIMIT;
            return code >= 0;
        }

        @Override
        public void onReceived(Connection from, long token, int length, int code) {
            activeNs = nowNs;
            if (code < 0 || length == 0) {
                connection.close();
                return;
            }
            receivedCount++;
            receivedLength = length;
            goOn();
        }

        @Override
        public void onSent(Connection to, long token, int code) {
            activeNs = nowNs;
            if (code == 0) {
                acknowledgedCount++;
                goOn();
            }
        }

        private void closeIfSilent() {
            boolean isWaiting = acknowledgedCount == receivedCount;
            if (idleTimeoutNs > 0 && isWaiting && nowNs - activeNs >= idleTimeoutNs && connection.isOpen()) {
                connection.close();
            }
        }

        @Override
        public void onTerminated(Connection ended, int code) {
            connection.close();
        }

        @Override
        public void onClosed(Connection ended) {
            slots.giveBack(ring);
            echoes.remove(this);
        }
    }
}
