package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** An engine whose bulk is placed by a copy engine: DPDK's software one, which copies on a thread of its own, in hardware's stead. */
final class CopyEngineIT {
    private static final String DEVICE = "dma_skeleton0";
    private static final int PORT = 7;
    private static final int CONNECTIONS = 8;
    private static final int BULK_BYTES = 4_000_000;
    private static final int REQUESTS = 200;
    private static final int REQUEST_BYTES = 64;

    /** The device uses the engine's own page tables: only for those who are trusted not to take pages away. */
    @RegisterExtension
    static final EngineRig RIG = new EngineRig(
            "lcores = []",
            "copy-engines = [\"" + DEVICE + "\"]",
            "copy-engine-least = \"1K\"",
            "[[policy]]",
            "users = [\"root\"]",
            "admin = \"all\"",
            "listen = [\"*:*\"]",
            "huge-pages = true",
            "[tcp]",
            "characteristic = \"bulk\""); // an echo of a stream looks like many short turns

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", PORT);
    }

    private record Placed(long byEngine, long byCpu, long all) {
        static Placed read() throws Exception {
            JsonNode counters = RIG.listing("counters");
            assertEquals(0, EngineRig.counter(counters, "lcore.errors"));
            return new Placed(
                    EngineRig.counter(counters, "placement.copied.engine.bytes"),
                    EngineRig.counter(counters, "placement.copied.cpu.bytes"),
                    EngineRig.counter(counters, "placement.bytes"));
        }

        Placed since(Placed before) {
            return new Placed(byEngine - before.byEngine, byCpu - before.byCpu, all - before.all);
        }
    }

    @Test
    void shouldPlaceBulkByTheCopyEngineAndEveryByteRight() throws Exception {
        long seed = Seeds.next("copy engine");
        Placed before = Placed.read();
        List<SocketChannel> sockets = RIG.network().peerSockets(CONNECTIONS, false);
        Parallel.run(CONNECTIONS, 240, i -> {
            try (SocketChannel socket = sockets.get(i)) {
                socket.connect(TestNetwork.engineAddress(PORT, false));
                Content content = new Content(seed + i);
                Parallel.Running sending = Parallel.start(1, task -> {
                    content.send(socket, 0, BULK_BYTES, 65_521 + i);
                    socket.shutdownOutput();
                });
                content.receive(socket, 0, BULK_BYTES);
                Content.checkEnd(socket);
                sending.await(10);
            }
        });
        Placed placed = Placed.read().since(before);
        System.out.println(placed);
        assertEquals((long) CONNECTIONS * BULK_BYTES, placed.all);
        assertEquals(placed.all, placed.byEngine + placed.byCpu);
        assertTrue(placed.byEngine > placed.all / 2, placed.toString());
    }

    @Test
    void shouldPlaceSmallMessagesByTheCpu() throws Exception {
        Content content = new Content(Seeds.next("small"));
        Placed before = Placed.read();
        try (SocketChannel socket = RIG.network().connect(PORT, false)) {
            for (int i = 0; i < REQUESTS; i++) {
                long position = (long) i * REQUEST_BYTES;
                content.send(socket, position, position + REQUEST_BYTES, REQUEST_BYTES);
                content.receive(socket, position, position + REQUEST_BYTES);
            }
        }
        long bytes = REQUESTS * REQUEST_BYTES;
        assertEquals(new Placed(0, bytes, bytes), Placed.read().since(before));
    }

    @Test
    void shouldNameTheCopyEngineOfThePort() throws Exception {
        assertTrue(RIG.listing("ports").toString().contains(DEVICE), RIG.listing("ports")::toString);
    }
}
