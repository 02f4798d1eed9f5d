package dev.toehold.perf.peer;

import dev.toehold.abi.ResultCode;
import dev.toehold.client.Connection;
import dev.toehold.client.ConnectionHandler;
import dev.toehold.client.Listener;
import dev.toehold.client.Location;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;

/**
 * The services of {@code bench copies} over the client library with explicit windows: peers send only what RECEIVEs ask for, so
 * every byte is placed where the application reads it or sends it on from. One thread polls, and sleeps when there is nothing.
 */
final class DirectServer implements AutoCloseable {
    private static final Duration LONGEST_SLEEP = Duration.ofMillis(50);
    private static final int SLOT_COUNT = 8;
    private static final int MAX_CONNECTIONS = 8;

    private static final long HELLO = -1;

    private final Toehold toehold;
    private final SlotPool slotPool;
    private final Listener sumListener;
    private final Listener forwardListener;
    private final Listener forwardToListener;
    private ForwardTo newestTarget;

    /** What found a ring full: tried again after the next poll. */
    private final ArrayDeque<LongSupplier> refused = new ArrayDeque<>();

    private volatile boolean stopped;

    DirectServer(Path socket, InetAddress address) throws IOException {
        toehold = Toehold.builder()
                .socket(socket)
                .name("bench-direct")
                .explicitWindow()
                .polled()
                .connect();
        boolean stands = false;
        try {
            slotPool = new SlotPool(toehold, MAX_CONNECTIONS, SLOT_COUNT, BytePattern.MAX_CHUNK);
            sumListener = toehold.listen(new InetSocketAddress(address, Services.SUM_PORT));
            forwardToListener = toehold.listen(new InetSocketAddress(address, Services.FORWARD_TO_PORT));
            forwardListener = toehold.listen(new InetSocketAddress(address, Services.FORWARD_PORT));
            stands = true;
        } finally {
            if (!stands) {
                toehold.close();
            }
        }
    }

    /** Submits now, or as soon as the rings have room again. The offer returns OK, a position, or a code. */
    private void offer(LongSupplier offer) {
        if (!isSettled(offer.getAsLong())) {
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
        final Location[] slots = slotPool.take();

        Service(Connection connection) {
            this.connection = connection;
            connection.setHandler(this);
        }

        final void receive(Location location, int minLength, long token) {
            offer(() -> connection.offerReceive(location, minLength, token));
        }

        final void send(Location location, long token) {
            offer(() -> connection.offerSend(location, token));
        }

        @Override
        public void onTerminated(Connection ended, int code) {
            connection.close();
        }

        @Override
        public void onClosed(Connection ended) {
            slotPool.giveBack(slots);
        }
    }

    /** All slots are posted for exact fill; each is added up when it is full, and posted again. The first short one is the end. */
    private final class Sum extends Service {
        private final ByteSum sum = new ByteSum();
        private boolean hasEnded;

        private Sum(Connection connection) {
            super(connection);
            receive(slots[0].first(Services.HELLO_LENGTH), Services.HELLO_LENGTH, HELLO);
        }

        @Override
        public void onReceived(Connection from, long token, int length, int code) {
            if (token == HELLO) {
                for (int i = 0; i < SLOT_COUNT; i++) {
                    receive(slots[i], slots[i].length(), i);
                }
            } else if (!hasEnded) {
                Location slot = slots[(int) token];
                sum.accept(slot.memory(), 0, length);
                if (length == slot.length()) {
                    receive(slot, slot.length(), token);
                } else {
                    hasEnded = true;
                    report(code, slot.first(Services.REPORT_LENGTH));
                }
            }
        }

        private void report(int code, Location report) {
            if (code == ResultCode.OK) {
                report.memory().set(Services.LONG, 0, sum.count());
                report.memory().set(Services.LONG, Long.BYTES, sum.sum());
                send(report, 0);
            }
        }

        @Override
        public void onSent(Connection to, long token, int code) {
            connection.close();
        }
    }

    /** The connection that forwarded bytes leave on; nothing is received on it. */
    private final class ForwardTo extends Service {
        private Forward from;

        private ForwardTo(Connection connection) {
            super(connection);
            newestTarget = this;
            send(slots[0].first(Services.GREETING_LENGTH), HELLO);
        }

        @Override
        public void onSent(Connection to, long token, int code) {
            if (from != null && code == ResultCode.OK) {
                from.onForwarded(token);
            }
        }

        /** What was forwarded lies in the other's slots. */
        @Override
        public void onClosed(Connection ended) {
            super.onClosed(ended);
            if (from != null) {
                slotPool.giveBack(from.slots);
            }
        }
    }

    /**
     * All slots are posted; each is sent from where it was placed, and posted again when the other peer has it. For exact fill: a RECEIVE that
     * completes short leaves a window behind that no RECEIVE is there for.
     */
    private final class Forward extends Service {
        private final ForwardTo to = newestTarget;
        private boolean hasEnded;

        private Forward(Connection connection) {
            super(connection);
            to.from = this;
            for (int i = 0; i < SLOT_COUNT; i++) {
                receive(slots[i], slots[i].length(), i);
            }
        }

        @Override
        public void onReceived(Connection from, long token, int length, int code) {
            Location slot = slots[(int) token];
            if (length > 0) {
                offer(() -> to.connection.offerSend(slot.first(length), token));
            }
            if (length < slot.length() && !hasEnded) {
                hasEnded = true;
                offer(this::closeBoth);
            }
        }

        /** CLOSE sends what was submitted before it: not before the last SEND had room. */
        private long closeBoth() {
            if (!refused.isEmpty()) {
                return ResultCode.BACK_PRESSURED;
            }
            to.connection.close();
            connection.close();
            return ResultCode.OK;
        }

        @Override
        public void onClosed(Connection ended) {
            // The other's SENDs may still refer to the slots.
        }

        private void onForwarded(long token) {
            if (token != HELLO && !hasEnded) {
                receive(slots[(int) token], slots[(int) token].length(), token);
            }
        }
    }

    /** Serves until {@link #stop}. */
    void run() throws IOException {
        while (!stopped) {
            toehold.poll(refused.isEmpty() ? LONGEST_SLEEP : Duration.ZERO);
            for (int i = refused.size(); i > 0; i--) {
                offer(refused.remove());
            }
            ToeholdServer.accept(sumListener, Sum::new);
            ToeholdServer.accept(forwardToListener, ForwardTo::new);
            ToeholdServer.accept(forwardListener, Forward::new);
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
