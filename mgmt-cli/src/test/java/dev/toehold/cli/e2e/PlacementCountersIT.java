package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Location;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What is counted as placed, moved and copied, each where it must rise and where it must not. */
final class PlacementCountersIT {
    private static final int PORT = 9100;
    private static final int LENGTH = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    private record Moves(long placed, long moved, long copied) {
        static Moves read() throws Exception {
            JsonNode counters = RIG.listing("counters");
            return new Moves(
                    EngineRig.counter(counters, "placement.bytes"),
                    EngineRig.counter(counters, "placement.moved.bytes"),
                    EngineRig.counter(counters, "client.copied.bytes"));
        }

        Moves since(Moves before) {
            return new Moves(placed - before.placed, moved - before.moved, copied - before.copied);
        }
    }

    @Test
    void shouldNeitherMoveNorCopyWhenReceiveIsPostedBefore() throws Exception {
        Content content = new Content(Seeds.next("direct"));
        Moves before = Moves.read();
        // Without provided buffers the window is what is posted: nothing can arrive before its RECEIVE.
        try (Toehold toehold = Toehold.builder()
                        .socket(RIG.socket())
                        .name("direct")
                        .receiveBufferBytes(0)
                        .connect();
                Region region = toehold.register(LENGTH);
                Listener listener = toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV4, PORT));
                SocketChannel peer = RIG.network().connect(PORT, false);
                Connection connection = listener.accept(PATIENCE)) {
            connection.setReadTimeout(PATIENCE);
            Parallel.Running sending = Parallel.start(1, task -> content.send(peer, 0, LENGTH, 100_003));
            int half = LENGTH / 2;
            assertEquals(half, connection.receive(region.location(half, half), half));
            assertEquals(half, connection.receive(region.location(0, half), half));
            sending.await(60);
            content.check(0, region.memory().asSlice(half, half).asByteBuffer());
            content.check(half, region.memory().asSlice(0, half).asByteBuffer());
        }
        assertEquals(new Moves(LENGTH, 0, 0), Moves.read().since(before));
    }

    @Test
    void shouldCountCopyWhenReceiveIsPostedAfterTheDataCame() throws Exception {
        Content content = new Content(Seeds.next("late"));
        Moves before = Moves.read();
        int length = 20_000;
        try (Toehold toehold =
                        Toehold.builder().socket(RIG.socket()).name("late").connect();
                Region region = toehold.register(LENGTH);
                Listener listener = toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV6, PORT));
                SocketChannel peer = RIG.network().connect(PORT, true);
                Connection connection = listener.accept(PATIENCE)) {
            connection.setReadTimeout(PATIENCE);
            content.send(peer, 0, length, length);
            ChildProcess.await("all bytes are here", 60, () -> connection.available() == length);
            Location location = region.location(4_096, length);
            assertEquals(length, connection.receive(location, length));
            content.check(0, location.memory().asByteBuffer());
            Moves moves = Moves.read().since(before);
            assertEquals(new Moves(length, 0, length), moves);
            assertTrue(moves.copied > 0);
        }
        assertEquals(length, Moves.read().since(before).copied, "copies are forgotten with the session");
    }
}
