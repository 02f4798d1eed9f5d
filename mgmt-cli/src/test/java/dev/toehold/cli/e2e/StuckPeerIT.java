package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.ResultCode;
import dev.toehold.client.Connection;
import dev.toehold.client.ConnectionHandler;
import dev.toehold.client.Listener;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A peer that does not read takes all the completion slots that SENDs may hold: that stops no other connection of the session. */
final class StuckPeerIT {
    private static final int PORT = 9_200;
    private static final int PIECE_BYTES = 2_000;
    private static final int OTHER_BYTES = 300_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @Test
    void shouldReceiveAcceptAndAbortWhileSendsHoldAllTheirSlots() throws Exception {
        Content content = new Content(Seeds.next("stuck"));
        try (Toehold toehold =
                        Toehold.builder().socket(RIG.socket()).name("stuck").connect();
                Region region = toehold.register(1 << 20);
                Listener listener = toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV4, PORT));
                SocketChannel deaf = RIG.network().peerSockets(1, false).getFirst()) {
            deaf.setOption(StandardSocketOptions.SO_RCVBUF, 64 << 10);
            deaf.connect(TestNetwork.engineAddress(PORT, false));
            Connection stuck = listener.accept(PATIENCE);
            AtomicInteger failed = new AtomicInteger();
            stuck.setHandler(new ConnectionHandler() {
                @Override
                public void onSent(Connection connection, long token, int code) {
                    if (code < 0) {
                        failed.incrementAndGet();
                    }
                }
            });
            int offered = offerAll(stuck, region);
            System.out.println("SENDs that a deaf peer leaves outstanding: " + offered);
            assertTrue(offered > 256, "offered=" + offered);

            // Others are accepted, and read as ever.
            try (SocketChannel peer = RIG.network().connect(PORT, false);
                    Connection other = listener.accept(PATIENCE)) {
                other.setReadTimeout(PATIENCE);
                Parallel.Running sending = Parallel.start(1, task -> content.send(peer, 0, OTHER_BYTES, 7_001));
                byte[] read = other.inputStream().readNBytes(OTHER_BYTES);
                sending.await(60);
                content.check(0, ByteBuffer.wrap(read));
            }

            // Who waits for a slot sleeps, and is woken when the ABORT has given them back.
            try (SocketChannel peer = RIG.network().connect(PORT, false);
                    Connection other = listener.accept(PATIENCE)) {
                Future<?> blocked = sendInBackground(other, region);
                assertFalse(blocked.isDone(), "there is a slot");
                stuck.abort();
                await(blocked);
                assertEquals(1, peer.read(ByteBuffer.allocate(2)));
                ChildProcess.await("every SEND is told", 60, () -> failed.get() > 256);
            }
        }
    }

    /** SENDs until there has been no slot for a while. Returns how many are outstanding. */
    private static int offerAll(Connection connection, Region region) throws InterruptedException {
        int offered = 0;
        int refusals = 0;
        while (refusals < 100) {
            long position = connection.offerSend(region.location(0, PIECE_BYTES), offered);
            if (position >= 0) {
                offered++;
                refusals = 0;
            } else {
                assertEquals(ResultCode.BACK_PRESSURED, position);
                refusals++;
                Thread.sleep(10);
            }
        }
        return offered - (int) (connection.acknowledgedPosition() / PIECE_BYTES);
    }

    private static Future<?> sendInBackground(Connection connection, Region region) throws InterruptedException {
        Future<?> blocked = CompletableFuture.runAsync(() -> {
            try {
                connection.send(region.location(0, 1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Thread.sleep(500);
        return blocked;
    }

    private static void await(Future<?> future) throws Exception {
        try {
            future.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }
}
