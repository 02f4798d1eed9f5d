package dev.toehold.tcp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code requirements.tsv}: what the RFCs ask for, and why something is not done. */
final class RequirementCatalogue {
    private static final String FILE = "requirements.tsv";
    private static final int COLUMNS = 5;

    /**
     * A line.
     *
     * @param level MUST, SHOULD, MAY, or RULE for what is prescribed in prose
     * @param notDone why not; empty = it is done
     */
    record Entry(int rfc, String id, String level, String clause, String text, String notDone) {
        boolean isDone() {
            return notDone.isEmpty();
        }

        boolean isMust() {
            return level.equals("MUST");
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byName = new HashMap<>();

    static RequirementCatalogue load() throws IOException {
        RequirementCatalogue catalogue = new RequirementCatalogue();
        try (var in = RequirementCatalogue.class.getResourceAsStream(FILE)) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(catalogue::add);
        }
        return catalogue;
    }

    private void add(String line) {
        String[] columns = line.split("\t", -1);
        if (columns.length < COLUMNS || !columns[2].matches("MUST|SHOULD|MAY|RULE")) {
            throw new IllegalArgumentException(FILE + ": " + line);
        }
        String notDone = columns.length > COLUMNS ? columns[COLUMNS] : "";
        Entry entry = new Entry(Integer.parseInt(columns[0]), columns[1], columns[2], columns[3], columns[4], notDone);
        if (byName.put(name(entry.rfc, entry.id), entry) != null) {
            throw new IllegalArgumentException(FILE + " has " + name(entry.rfc, entry.id) + " twice");
        }
        entries.add(entry);
    }

    private static String name(int rfc, String id) {
        return "RFC" + rfc + " " + id;
    }

    List<Entry> entries() {
        return entries;
    }

    /** The entry that a test names; refused if there is none, or if it has another clause. */
    Entry find(int rfc, String id, String clause, String where) {
        Entry entry = byName.get(name(rfc, id));
        if (entry == null || !entry.clause.equals(clause)) {
            throw new IllegalArgumentException(
                    where + " names " + name(rfc, id) + " " + clause + ", which is not in " + FILE);
        }
        return entry;
    }
}
