package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A client that is killed: its connections are reset, its memory is let go, the others notice nothing. */
final class ClientDeathIT {
    private static final int SURVIVOR_PORT = 7;
    private static final int VICTIM_PORT = 8007;
    private static final int STREAMS = 50;
    private static final int VICTIM_CONNECTIONS = 20;
    private static final long STREAM_BYTES = 4_000_000;
    private static final long SECONDS = 60;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", SURVIVOR_PORT);
    }

    @Test
    void shouldLeaveOthersAloneWhenClientIsKilled() throws Exception {
        long seed = Seeds.next("kill");
        try (SocketChannel socket = RIG.network().connect(SURVIVOR_PORT, false)) {
            // Its library registers memory to send from at the first write.
            new Content(seed).send(socket, 0, 1, 1);
            new Content(seed).receive(socket, 0, 1);
        }
        List<String> mappingsBefore = RIG.engine().sharedMappings();
        ChildProcess victim = RIG.serve("echo", VICTIM_PORT);
        long victimPid = victim.pid();
        assertTrue(isListed(victimPid), "the victim is not listed");
        assertNotEquals(mappingsBefore, RIG.engine().sharedMappings());

        List<SocketChannel> ofVictim = new ArrayList<>();
        for (int i = 0; i < VICTIM_CONNECTIONS; i++) {
            SocketChannel socket = RIG.network().connect(VICTIM_PORT, i % 2 == 1);
            ofVictim.add(socket);
            Content content = new Content(seed ^ i);
            content.send(socket, 0, 1_000, 1_000);
            content.receive(socket, 0, 1_000);
        }

        List<SocketChannel> streams = RIG.network().peerSockets(STREAMS, false);
        CountDownLatch underWay = new CountDownLatch(STREAMS);
        CountDownLatch killed = new CountDownLatch(1);
        Parallel.Running running = Parallel.start(STREAMS, i -> {
            try (SocketChannel socket = streams.get(i)) {
                socket.connect(TestNetwork.engineAddress(SURVIVOR_PORT, false));
                Content content = new Content(seed + i);
                Parallel.Running sending = Parallel.start(1, task -> {
                    content.send(socket, 0, STREAM_BYTES / 2, 65_536);
                    // The second half goes out after the kill for certain, the first around it.
                    killed.await();
                    content.send(socket, STREAM_BYTES / 2, STREAM_BYTES, 65_536);
                    socket.shutdownOutput();
                });
                content.receive(socket, 0, 10_000);
                underWay.countDown();
                content.receive(socket, 10_000, STREAM_BYTES);
                Content.checkEnd(socket);
                sending.await(SECONDS);
            }
        });
        assertTrue(underWay.await(2 * SECONDS, TimeUnit.SECONDS), "the streams did not begin");
        victim.kill();
        killed.countDown();
        running.await(3 * SECONDS);

        Parallel.run(VICTIM_CONNECTIONS, SECONDS, i -> {
            try (SocketChannel socket = ofVictim.get(i)) {
                IOException reset = assertThrows(IOException.class, () -> socket.read(ByteBuffer.allocate(1)));
                assertTrue(reset.getMessage().contains("reset"), reset.getMessage());
            }
        });
        assertMappingsBecome(mappingsBefore);
        assertTrue(!isListed(victimPid), "the dead client is listed");
        for (JsonNode connection : RIG.listing("connections")) {
            assertTrue(!connection.get("local").stringValue().endsWith(":" + VICTIM_PORT), connection.toString());
        }
        IOException refused = assertThrows(
                IOException.class,
                () -> RIG.network().connect(VICTIM_PORT, false).close());
        assertTrue(refused.getMessage().contains("refused"), refused.getMessage());
        assertEquals(0, EngineRig.counter(RIG.listing("counters"), "lcore.errors"));

        // Its place can be taken by the next.
        RIG.serve("daytime", VICTIM_PORT);
        try (SocketChannel socket = RIG.network().connect(VICTIM_PORT, true)) {
            assertTrue(socket.read(ByteBuffer.allocate(100)) > 10, "no daytime");
        }
    }

    private static void assertMappingsBecome(List<String> expected) throws Exception {
        for (int i = 0; i < SECONDS && !RIG.engine().sharedMappings().equals(expected); i++) {
            TimeUnit.SECONDS.sleep(1);
        }
        assertEquals(expected, RIG.engine().sharedMappings());
    }

    private static boolean isListed(long pid) throws Exception {
        for (JsonNode client : RIG.listing("clients")) {
            if (client.get("pid").longValue() == pid) {
                return true;
            }
        }
        return false;
    }
}
