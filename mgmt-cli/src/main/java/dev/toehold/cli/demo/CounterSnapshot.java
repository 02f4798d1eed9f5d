package dev.toehold.cli.demo;

import dev.toehold.cli.CommandFailedException;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The engine's counters at one moment; of several with one name (ports, lcores) the sum. */
record CounterSnapshot(Map<String, Long> values) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static CounterSnapshot parse(String json) {
        Map<String, Long> values = new HashMap<>();
        for (JsonNode item : JSON.readTree(json).get("items")) {
            values.merge(item.get("name").stringValue(), item.get("value").longValue(), Long::sum);
        }
        return new CounterSnapshot(values);
    }

    /** How much a counter has risen since an earlier snapshot. */
    long since(CounterSnapshot earlier, String name) {
        Long now = values.get(name);
        if (now == null) {
            throw new CommandFailedException("the engine has no counter " + name + ": is it of another version?");
        }
        return now - earlier.values.getOrDefault(name, 0L);
    }
}
