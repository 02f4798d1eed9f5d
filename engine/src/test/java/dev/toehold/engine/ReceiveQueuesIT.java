package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.engine.config.EngineConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine of two lcores with a port that can spread over receive queues, and one that cannot. */
class ReceiveQueuesIT {
    private static final String MEMIF = "driver net_memif cannot hash TCP (no RSS)";

    @TempDir
    Path directory;

    @Test
    void shouldLetHardwareChooseTheLcoreWhereItCanAndSayWhereItCannot() {
        EngineConfig config = EngineConfig.parse("""
                [engine]
                name = "queues"
                state = "%s/state"
                lcores = [0, 1]
                max-connections = 64
                hugepages = "never"
                rehearsal = "0s"
                [[port]]
                device = "net_null0,no-rx=1"
                addresses = ["10.0.0.2/24"]
                [[port]]
                device = "net_memif0,role=server,socket-abstract=no,socket=%s/m.sock"
                addresses = ["10.0.1.2/24"]
                """.formatted(directory, directory), "test");
        Engine engine = Engine.start(config, new EchoRooms());
        try {
            assertEquals(128, engine.stateFile().spread());
            assertEquals(
                    List.of("receive queues", "rings: " + MEMIF),
                    engine.ports().stream()
                            .map(port -> EngineCapabilities.listing(port, "").spread())
                            .toList());
            assertEquals(2, engine.ports().get(0).adapter().rxQueues());
            assertEquals(1, engine.ports().get(1).adapter().rxQueues());
            assertTrue(
                    engine.warnings().stream()
                            .anyMatch(line -> line.startsWith("port net_memif0")
                                    && line.endsWith(" does not choose the lcore of a packet: " + MEMIF
                                            + "; rings between the lcores do")),
                    () -> engine.warnings().toString());
            assertFalse(engine.warnings().stream()
                    .anyMatch(line -> line.startsWith("port net_null0") && line.contains("lcore")));
        } finally {
            engine.close();
        }
    }
}
