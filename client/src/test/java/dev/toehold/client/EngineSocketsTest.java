package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which engine is meant if nobody says, and what is said if none or several could be. */
class EngineSocketsTest {
    @TempDir
    private Path run;

    private Path engineDirectory(String name) throws IOException {
        return Files.createDirectory(run.resolve(name)).resolve("control.sock");
    }

    private String refusal(Path directory) {
        String message = assertThrows(IOException.class, () -> EngineSockets.find(null, directory))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void shouldPreferWhatTheEnvironmentNames() throws IOException {
        assertEquals(Path.of("/a/b"), EngineSockets.find("/a/b", run));
    }

    @Test
    void shouldSayHowToStartOneIfNoneRuns() throws IOException {
        assertTrue(refusal(run.resolve("none")).contains("toehold run --config FILE"));
        assertTrue(refusal(run).contains("toehold run --config FILE"));
        Files.createFile(engineDirectory("crashed"));
        assertTrue(refusal(run).contains("TOEHOLD_SOCKET"), "a socket on which nobody listens is no engine");
    }

    @Test
    void shouldFindTheOnlyOneThatAnswersAndNameAllIfSeveralDo() throws IOException {
        Files.createFile(engineDirectory("crashed"));
        Path first = engineDirectory("first");
        try (FakeEngine one = new FakeEngine(first)) {
            assertEquals(one.path, EngineSockets.find(" ", run));
            Path second = engineDirectory("second");
            try (FakeEngine two = new FakeEngine(second)) {
                String several = refusal(run);
                assertTrue(several.contains(one.path + ", " + two.path), several);
                assertTrue(several.contains("--socket") && several.contains("TOEHOLD_SOCKET"), several);
            }
        }
    }
}
