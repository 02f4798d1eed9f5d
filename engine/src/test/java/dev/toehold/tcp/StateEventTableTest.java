package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The golden table: {@code -Dtoehold.regenerate=true} writes it anew, for a review of what changed. */
class StateEventTableTest {
    private static final String FILE = "dev/toehold/tcp/state-event-table.txt";

    @Test
    void shouldBeAsReviewed() throws IOException {
        String table = StateEventTable.render();
        Path file = RepositoryFiles.root().resolve("engine/src/test/resources").resolve(FILE);
        if (Boolean.getBoolean("toehold.regenerate")) {
            Files.writeString(file, table);
        }
        assertEquals(Files.readString(file), table, "after a review: -Dtoehold.regenerate=true");
    }

    @Test
    void shouldHaveACellForEachStateAndEvent() {
        String table = StateEventTable.render();
        assertEquals(12, table.lines().filter(line -> line.startsWith("== ")).count(), "11 states, one of them twice");
        assertEquals(
                12 * 44,
                table.lines()
                        .filter(line -> line.matches("(segment|call|timeout) .*"))
                        .count());
    }
}
