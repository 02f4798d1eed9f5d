package dev.toehold.tcp;

import java.util.List;
import java.util.Map;

/**
 * A parsed script ({@code docs/test-scripts.md} has the grammar).
 *
 * @param name for messages, usually the file
 * @param requirements the values of its {@code # require:} lines
 * @param config the words of its {@code config} lines
 */
record Script(String name, List<String> requirements, Map<String, String> config, List<ScriptLine> lines) {
    Script withLines(List<ScriptLine> others) {
        return new Script(name, requirements, config, others);
    }
}
