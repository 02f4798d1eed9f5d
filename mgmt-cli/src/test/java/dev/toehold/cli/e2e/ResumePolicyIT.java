package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.ResultCode;
import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import dev.toehold.client.ToeholdException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A session of two lcores whose next engine has another policy: it loses the listener that is denied now, and nothing else. */
final class ResumePolicyIT {
    private static final int PORT = 9_300;
    private static final int DENIED_PORT = 9_301;
    private static final int CONNECTIONS = 16;
    private static final int BYTES = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = [0, 1]");

    @Test
    void shouldLoseOnlyTheListenerThatTheNextEngineDenies() throws Exception {
        long seed = Seeds.next("resume-policy");
        try (Toehold toehold =
                        Toehold.builder().socket(RIG.socket()).name("policy").connect();
                Listener kept = toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV4, PORT));
                Listener denied = toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV4, DENIED_PORT))) {
            List<SocketChannel> peers = new ArrayList<>();
            List<Connection> connections = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                peers.add(RIG.network().connect(PORT, false));
                connections.add(kept.accept(PATIENCE));
                connections.get(i).setReadTimeout(PATIENCE);
                new Content(seed + i).send(peers.get(i), 0, BYTES, 7_001);
                check(seed + i, connections.get(i), 0);
            }
            assertEquals(Set.of(0, 1), lcores());

            Path config = RIG.directory().resolve("engine.toml");
            Files.writeString(
                    config,
                    Files.readString(config) + "[[policy]]\nusers = [\"root\"]\nadmin = \"all\"\nlisten = [\"*:" + PORT
                            + "\"]\n");
            RIG.restartEngine();

            for (int i = 0; i < CONNECTIONS; i++) {
                new Content(seed + i).send(peers.get(i), BYTES, 2L * BYTES, 7_001);
                check(seed + i, connections.get(i), BYTES);
                connections.get(i).close();
                peers.get(i).close();
            }
            ToeholdException refusal = assertThrows(ToeholdException.class, () -> denied.accept(PATIENCE));
            assertEquals(ResultCode.DENIED, refusal.code(), refusal.getMessage());
            try (SocketChannel peer = RIG.network().connect(PORT, false);
                    Connection connection = kept.accept(PATIENCE)) {
                connection.setReadTimeout(PATIENCE);
                new Content(seed).send(peer, 0, BYTES, 7_001);
                check(seed, connection, 0);
            }
        }
        JsonNode counters = RIG.listing("counters");
        assertTrue(EngineRig.counter(counters, "resume.connections") >= CONNECTIONS);
        assertTrue(EngineRig.counter(counters, "policy.listen.denied") >= 1);
        assertEquals(0, EngineRig.counter(counters, "lcore.errors"));
    }

    private static void check(long seed, Connection connection, long position) throws Exception {
        new Content(seed)
                .check(position, ByteBuffer.wrap(connection.inputStream().readNBytes(BYTES)));
    }

    private static Set<Integer> lcores() throws Exception {
        Set<Integer> lcores = new HashSet<>();
        for (JsonNode connection : RIG.listing("connections")) {
            lcores.add(connection.get("lcore").intValue());
        }
        return lcores;
    }
}
