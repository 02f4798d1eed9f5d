package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written is read again; what was recorded is a script that passes and records the same again. */
class ScriptWriterTest {
    @Test
    void shouldReadWhatItWrote() throws Exception {
        for (Path file : ScriptFiles.all()) {
            Script script = ScriptFiles.parse(file);
            String written = ScriptWriter.write(script);
            Script again = ScriptParser.parse(script.name(), written);
            assertEquals(script.config(), again.config());
            assertEquals(script.requirements(), again.requirements());
            assertEquals(actions(script.lines()), actions(again.lines()), script.name());
            assertEquals(written, ScriptWriter.write(again));
        }
    }

    @Test
    void shouldRecordAScriptThatPasses() throws Exception {
        for (Path file : ScriptFiles.all()) {
            Script script = ScriptFiles.parse(file);
            List<ScriptLine> trace = ScriptRunner.run(script);
            String written = ScriptWriter.write(script.withLines(trace));
            Script recorded = ScriptParser.parse(script.name() + " as recorded", written);
            List<ScriptLine> again = ScriptRunner.run(recorded);
            assertEquals(written, ScriptWriter.write(script.withLines(again)));
        }
    }

    private static List<String> actions(List<ScriptLine> lines) {
        return lines.stream().map(ScriptLine::toString).toList();
    }
}
