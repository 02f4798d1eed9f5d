package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.client.Connection;
import dev.toehold.client.Toehold;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** An engine of two lcores on a port of one queue: dispatch rings, and clients of one engine that talk to each other. */
final class TwoClientsIT {
    private static final int PORT = 7;
    private static final int CONNECTIONS = 64;
    private static final int PAIRS = 32;
    private static final int BYTES = 200_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = [0, 1]");

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", PORT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldConnectTwoClientsOfOneEngine(boolean isIpv6) throws Exception {
        long seed = Seeds.next("two clients ipv6=" + isIpv6);
        try (Toehold toehold =
                Toehold.builder().socket(RIG.socket()).name("other").connect()) {
            Parallel.run(PAIRS, 120, i -> {
                try (Connection connection = toehold.open(TestNetwork.engineAddress(PORT, isIpv6), PATIENCE)) {
                    connection.setReadTimeout(PATIENCE);
                    Content content = new Content(seed + i);
                    Parallel.Running sending = Parallel.start(1, task -> {
                        OutputStream out = connection.outputStream();
                        out.write(content.bytes(0, BYTES));
                        connection.shutdownOutput();
                    });
                    InputStream in = connection.inputStream();
                    content.check(0, ByteBuffer.wrap(in.readNBytes(BYTES)));
                    assertEquals(-1, in.read());
                    sending.await(60);
                }
            });
        }
    }

    @Test
    void shouldSpreadConnectionsOverLcores() throws Exception {
        long seed = Seeds.next("lcores");
        List<SocketChannel> sockets = RIG.network().peerSockets(CONNECTIONS, false);
        Parallel.run(CONNECTIONS, 60, i -> {
            SocketChannel socket = sockets.get(i);
            socket.connect(TestNetwork.engineAddress(PORT, false));
            Content content = new Content(seed + i);
            Parallel.Running sending = Parallel.start(1, task -> content.send(socket, 0, BYTES, 65_536));
            content.receive(socket, 0, BYTES);
            sending.await(60);
        });
        Set<Integer> lcores = new HashSet<>();
        int established = 0;
        for (JsonNode connection : RIG.listing("connections")) {
            if (connection.get("remote").stringValue().startsWith(TestNetwork.PEER_IPV4 + ":")) {
                established++;
                lcores.add(connection.get("lcore").intValue());
            }
        }
        assertEquals(CONNECTIONS, established);
        assertEquals(Set.of(0, 1), lcores);
        for (SocketChannel socket : sockets) {
            socket.close();
        }
        JsonNode counters = RIG.listing("counters");
        assertEquals(0, EngineRig.counter(counters, "lcore.errors"));
        assertTrue(EngineRig.counter(counters, "placement.bytes") >= (long) CONNECTIONS * BYTES, "placement.bytes");
    }
}
