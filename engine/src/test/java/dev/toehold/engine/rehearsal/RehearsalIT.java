package dev.toehold.engine.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.dpdk.Eal;
import dev.toehold.ffi.dpdk.EalConfig;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.tcp.TcpConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rehearsal really exchanges segments, in several connections of both families, and leaves nothing. */
class RehearsalIT {
    private static final int MBUFS = 4095;

    /** More than the messages of one family's two connections: both families were on. */
    private static final int BOTH_FAMILIES = 4 * 100;

    private static Eal eal;
    private static PktMbufPool pool;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        eal = Eal.init(EalConfig.ofMegabytes(64).withHugepages(EalConfig.Hugepages.NEVER));
        pool = PktMbufPool.create("rehearsal", MBUFS, 256, PktMbufPool.DEFAULT_DATA_ROOM, PktMbufPool.SOCKET_ANY);
    }

    @AfterAll
    static void stop() {
        pool.close();
        eal.close();
    }

    @Test
    void shouldExchangeMessagesAndLeaveNothing() throws Exception {
        long messages = 0;
        for (int seconds = 1; messages < BOTH_FAMILIES && seconds <= 32; seconds *= 2) {
            messages = Rehearsal.run(directory, pool, TcpConfig.defaults(), Duration.ofSeconds(seconds));
            System.out.println("rehearsal: " + messages + " messages in " + seconds + " s");
        }
        assertTrue(messages >= BOTH_FAMILIES, "messages=" + messages);
        assertEquals(MBUFS, pool.availableCount());
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void shouldNotRehearseWithoutTime() {
        assertEquals(0, Rehearsal.run(directory, pool, TcpConfig.defaults(), Duration.ZERO));
    }
}
