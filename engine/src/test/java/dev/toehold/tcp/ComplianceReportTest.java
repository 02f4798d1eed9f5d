package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The report is fresh, and names only what the catalogue has: {@code -Dtoehold.regenerate=true} writes it anew. */
class ComplianceReportTest {
    private final RequirementCatalogue catalogue = load();

    private static RequirementCatalogue load() {
        try {
            return RequirementCatalogue.load();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldBeFresh() throws Exception {
        String report = new ComplianceReport(catalogue, RequirementEvidence.collect(catalogue)).render();
        Path file = RepositoryFiles.root().resolve("docs/rfc-compliance.md");
        if (Boolean.getBoolean("toehold.regenerate")) {
            Files.writeString(file, report);
        }
        assertEquals(Files.readString(file), report, "stale: run this test with -Dtoehold.regenerate=true");
    }

    @Test
    void shouldHaveEveryNumberOfRfc9293() {
        List<String> ids = catalogue.entries().stream()
                .filter(entry -> entry.rfc() == 9293)
                .map(RequirementCatalogue.Entry::id)
                .toList();
        for (int i = 1; i <= 69; i++) {
            assertTrue(ids.contains("MUST-" + i), "MUST-" + i);
        }
        for (int i = 1; i <= 31; i++) {
            assertTrue(ids.contains("SHLD-" + i), "SHLD-" + i);
        }
        for (int i = 1; i <= 18; i++) {
            assertTrue(ids.contains("MAY-" + i), "MAY-" + i);
        }
    }

    @Test
    void shouldNotShowWhatIsNotDone() throws Exception {
        RequirementEvidence evidence = RequirementEvidence.collect(catalogue);
        catalogue.entries().stream()
                .filter(entry -> !entry.isDone())
                .forEach(entry -> assertEquals(List.of(), evidence.testsOf(entry), entry.toString()));
    }

    @Test
    void shouldRefuseARequirementThatNobodyWrote() throws Exception {
        RequirementEvidence evidence = RequirementEvidence.collect(catalogue);
        assertThrows(IllegalArgumentException.class, () -> evidence.addLine("RFC9293 MUST-70 3.1", "t"));
        assertThrows(IllegalArgumentException.class, () -> evidence.addLine("RFC9293 MUST-20 3.1", "t"));
        assertThrows(IllegalArgumentException.class, () -> evidence.addLine("RFC9293 MUST-20", "t"));
        assertThrows(IllegalArgumentException.class, () -> evidence.addLine("MUST-20 3.8.3", "t"));
        evidence.addLine("RFC9293 MUST-20 3.8.3", "t");
        assertTrue(
                evidence.testsOf(catalogue.find(9293, "MUST-20", "3.8.3", "t")).contains("t"));
    }
}
