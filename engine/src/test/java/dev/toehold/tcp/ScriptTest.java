package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every script, a test each, named by its path. */
class ScriptTest {
    @TestFactory
    Stream<DynamicTest> scripts() throws Exception {
        return ScriptFiles.all().stream()
                .map(file -> DynamicTest.dynamicTest(
                        ScriptFiles.name(file), file.toUri(), () -> ScriptRunner.run(ScriptFiles.parse(file))));
    }

    @Test
    void shouldSayWhichClauseEachScriptFollows() throws Exception {
        for (var file : ScriptFiles.all()) {
            assertTrue(!ScriptFiles.parse(file).requirements().isEmpty(), () -> file + " has no # require: line");
        }
    }
}
