package dev.toehold.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The counters of a running engine, for programs that come with it. */
public final class EngineCounters {
    private EngineCounters() {}

    /**
     * All of them by name, those of several ports or stages added up; of histograms how many values and their sum.
     *
     * @throws CommandFailedException if the engine does not answer
     */
    public static Map<String, Long> read(Path socket) {
        String answer = AdminConnection.askOnce(socket, "counters");
        Map<String, Long> counters = new HashMap<>();
        for (JsonNode item : JsonMapper.builder().build().readTree(answer).get("items")) {
            if (!item.get("labels").has("quantile")) {
                counters.merge(item.get("name").stringValue(), item.get("value").longValue(), Long::sum);
            }
        }
        return counters;
    }
}
