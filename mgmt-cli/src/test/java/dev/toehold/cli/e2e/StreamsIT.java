package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Many connections of the kernel's TCP, one after another and at once, every byte compared. */
final class StreamsIT {
    private static final int PORT = 7;
    private static final int SEQUENTIAL = 1_000;
    private static final int PARALLEL = 256;
    private static final int TRANSFER_BYTES = 1_000_000;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", PORT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEchoOnConnectionsOneAfterAnother(boolean isIpv6) throws Exception {
        Content content = new Content(Seeds.next("sequential ipv6=" + isIpv6));
        List<SocketChannel> sockets = RIG.network().peerSockets(SEQUENTIAL, isIpv6);
        Parallel.run(1, 120, task -> {
            long position = 0;
            for (SocketChannel socket : sockets) {
                try (socket) {
                    socket.connect(TestNetwork.engineAddress(PORT, isIpv6));
                    long end = position + 1 + position % 3_001;
                    content.send(socket, position, end, Integer.MAX_VALUE);
                    socket.shutdownOutput();
                    content.receive(socket, position, end);
                    Content.checkEnd(socket);
                    position = end;
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTransferBothWaysAtOnce(boolean isIpv6) throws Exception {
        long seed = Seeds.next("parallel ipv6=" + isIpv6);
        List<SocketChannel> sockets = RIG.network().peerSockets(PARALLEL, isIpv6);
        Parallel.run(PARALLEL, 240, i -> {
            try (SocketChannel socket = sockets.get(i)) {
                socket.connect(TestNetwork.engineAddress(PORT, isIpv6));
                Content content = new Content(seed + i);
                Parallel.Running sending = Parallel.start(1, task -> {
                    content.send(socket, 0, TRANSFER_BYTES, 8_191 + i);
                    socket.shutdownOutput();
                });
                content.receive(socket, 0, TRANSFER_BYTES);
                Content.checkEnd(socket);
                sending.await(10);
            }
        });
        JsonNode counters = RIG.listing("counters");
        assertEquals(0, EngineRig.counter(counters, "lcore.errors"));
        // Windows follow the pool: what a peer may send finds a buffer. A peer that runs BBR would crawl for minutes
        // otherwise.
        long dropped = EngineRig.counter(counters, "placement.no.buffer");
        assertTrue(dropped <= PARALLEL / 16, () -> "placement.no.buffer=" + dropped);
    }
}
