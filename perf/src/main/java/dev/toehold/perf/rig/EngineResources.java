package dev.toehold.perf.rig;

import dev.toehold.cli.AdminConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an engine's process holds at one moment, by name: as the kernel counts it (/proc) and as the engine does (its control socket).
 *
 * <p>Resident memory is in KiB and by what is mapped. {@code heap} is the JVM's, bounded by -Xmx and filled by its garbage collector as that
 * likes; {@code clients} are regions and queue pairs; {@code anonymous} is everything that malloc, the compilers, metaspace and stacks
 * take: a leak shows there.
 *
 * @param values by name
 * @param connections a description of each that is in use, by its id and endpoints
 */
public record EngineResources(Map<String, Long> values, Map<String, String> connections) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String HEAP_MAPPING = "/memfd:java_heap";
    private static final String CLIENT_MAPPING = "/memfd:toehold-";
    private static final String ANONYMOUS = "rss KiB anonymous";
    private static final String TCBS = "TCBs in use";
    private static final int MOST_DESCRIBED = 8;

    /** Looks at an engine. */
    public static EngineResources of(LoneEngine engine) throws IOException {
        Map<String, Long> values = new TreeMap<>();
        Path proc = Path.of("/proc", Long.toString(engine.process().pid()));
        addMappings(values, proc);
        addDescriptors(values, proc);
        try (Stream<Path> tasks = Files.list(proc.resolve("task"))) {
            values.put("threads", tasks.count());
        }
        JsonNode status = ask(engine, "status").get(0);
        values.put(TCBS, status.get("connections").longValue());
        values.put("mbufs in use", status.get("mbufsInUse").longValue());
        values.put("sessions", status.get("clients").longValue());
        values.put("listeners", status.get("listeners").longValue());
        values.put("regions", (long) ask(engine, "regions").size());
        Map<String, String> connections = new TreeMap<>();
        for (JsonNode item : ask(engine, "connections")) {
            String key = "%d %s %s"
                    .formatted(
                            item.get("id").intValue(),
                            item.get("local").stringValue(),
                            item.get("remote").stringValue());
            connections.put(key, item.toString());
        }
        return new EngineResources(values, connections);
    }

    /** Items of a listing. */
    public static JsonNode ask(LoneEngine engine, String request) {
        return JSON.readTree(AdminConnection.askOnce(engine.socket(), request)).get("items");
    }

    /** The value of a counter, summed. */
    public static long counter(JsonNode counters, String name) {
        long sum = 0;
        for (JsonNode counter : counters) {
            if (counter.get("name").stringValue().equals(name)) {
                sum += counter.get("value").longValue();
            }
        }
        return sum;
    }

    /** The connections of a client process, as a text, of which one side waits for the other. */
    public static String outstanding(LoneEngine engine, long pid) {
        StringBuilder text = new StringBuilder();
        int described = 0;
        for (JsonNode client : ask(engine, "clients")) {
            for (JsonNode item :
                    client.get("pid").longValue() == pid ? ask(engine, "connections") : List.<JsonNode>of()) {
                if (item.get("client").intValue() != client.get("id").intValue() || described == MOST_DESCRIBED) {
                    continue;
                }
                JsonNode details =
                        ask(engine, "connections " + item.get("id").intValue()).get(0);
                boolean isWaiting = details.get("unsentBytes").longValue() > 0
                        || details.get("inFlightBytes").longValue() > 0
                        || details.get("unconsumedBytes").longValue() > 0
                        || details.get("rcvWnd").longValue() == 0;
                if (isWaiting) {
                    described++;
                    text.append("; waits: ").append(details);
                }
            }
        }
        return text.toString();
    }

    private static void addMappings(Map<String, Long> values, Path proc) throws IOException {
        for (String kind : List.of("heap", "clients", "files", "anonymous")) {
            values.put("mappings " + kind, 0L);
            values.put("rss KiB " + kind, 0L);
        }
        String kind = "";
        for (String line : Files.readAllLines(proc.resolve("smaps"))) {
            String[] words = line.split("\\s+", 6);
            if (words[0].indexOf('-') > 0) {
                kind = kindOf(words.length > 5 ? words[5] : "");
                values.merge("mappings " + kind, 1L, Long::sum);
            } else if (words[0].equals("Rss:")) {
                values.merge("rss KiB " + kind, Long.parseLong(words[1]), Long::sum);
            }
        }
    }

    private static String kindOf(String path) {
        if (path.startsWith(HEAP_MAPPING)) {
            return "heap";
        }
        if (path.startsWith(CLIENT_MAPPING)) {
            return "clients";
        }
        return path.startsWith("/") ? "files" : "anonymous";
    }

    private static void addDescriptors(Map<String, Long> values, Path proc) throws IOException {
        long all = 0;
        long watched = 0;
        try (Stream<Path> links = Files.list(proc.resolve("fd"))) {
            for (Path link : links.toList()) {
                all++;
                if (Files.readSymbolicLink(link).toString().equals("anon_inode:[eventpoll]")) {
                    Path info = proc.resolve("fdinfo").resolve(link.getFileName());
                    watched += Files.readAllLines(info).stream()
                            .filter(line -> line.startsWith("tfd:"))
                            .count();
                }
            }
        }
        values.put("descriptors", all);
        values.put("descriptors watched by epoll", watched);
    }

    /**
     * What is not as it was. All must be equal but these: the JVM's heap, which is not judged, and what is mapped from files; mappings that
     * are anonymous are malloc's and the JVM's affair, so the bytes behind them count, within a tolerance.
     */
    public List<String> notBack(EngineResources before, long toleranceKib) {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, Long> entry : values.entrySet()) {
            String name = entry.getKey();
            long now = entry.getValue();
            long then = before.values.getOrDefault(name, 0L);
            if (name.equals(ANONYMOUS) ? now > then + toleranceKib : isJudged(name) && now != then) {
                wrong.add(name + ": " + then + " before, " + now + " after"
                        + (name.equals(TCBS) ? strangers(before) : ""));
            }
        }
        return wrong;
    }

    /** Connections that were not there before, so that it can be told who left them. */
    private String strangers(EngineResources before) {
        StringBuilder text = new StringBuilder();
        connections.entrySet().stream()
                .filter(entry -> !before.connections.containsKey(entry.getKey()))
                .limit(MOST_DESCRIBED)
                .forEach(entry -> text.append(", new: ").append(entry.getValue()));
        return text.toString();
    }

    private static boolean isJudged(String name) {
        return !name.endsWith("heap")
                && !name.endsWith("files")
                && !name.endsWith("anonymous")
                && !name.equals("threads");
    }

    /** Two of them side by side. */
    public static void print(EngineResources before, EngineResources after, PrintWriter out) {
        out.printf("%-32s %12s %12s%n", "the engine's", "before", "after");
        after.values.forEach(
                (name, value) -> out.printf("%-32s %12d %12d%n", name, before.values.getOrDefault(name, 0L), value));
        out.flush();
    }
}
