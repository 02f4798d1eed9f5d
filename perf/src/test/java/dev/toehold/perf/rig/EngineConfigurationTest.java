package dev.toehold.perf.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.engine.config.EngineConfig;
import dev.toehold.engine.config.IdleMode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineConfigurationTest {
    @Test
    void shouldBeWhatTheEngineReads() {
        Path directory = Path.of("/run/bench");
        String text = ServerUnderTest.configuration(
                "tbs1", "1", 1024, 9000, directory.resolve("state"), directory.resolve("control.sock"), "");
        EngineConfig config = EngineConfig.parse(text, "bench.toml");
        assertEquals(List.of(1), config.engine().lcores());
        assertEquals(IdleMode.ADAPTIVE, config.engine().idle());
        assertEquals(directory.resolve("control.sock"), config.control().socket());
        assertEquals(9000, config.ports().getFirst().mtu());
        assertEquals("tbs1", config.ports().getFirst().device());
    }
}
