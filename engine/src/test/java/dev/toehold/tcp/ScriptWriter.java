package dev.toehold.tcp;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@link Script} to text: what a recorder of segments and commands writes, {@link ScriptParser} reads. */
final class ScriptWriter {
    private ScriptWriter() {}

    static String write(Script script) {
        return write(script.requirements(), script.config(), script.lines());
    }

    static String write(List<String> requirements, Map<String, String> config, List<ScriptLine> lines) {
        StringBuilder text = new StringBuilder();
        requirements.forEach(r -> text.append("# require: ").append(r).append('\n'));
        if (!config.isEmpty()) {
            text.append("config ")
                    .append(config.entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue())
                            .collect(Collectors.joining(" ")))
                    .append('\n');
        }
        lines.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
