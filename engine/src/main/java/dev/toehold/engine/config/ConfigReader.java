package dev.toehold.engine.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** TOML text to {@link EngineConfig}: every key is looked up in its declaration, every problem is collected with its line. */
final class ConfigReader {
    private static final TomlMapper TOML = new TomlMapper();
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final int SHOWN_VALUE_LENGTH = 60;

    private final String source;
    private final TomlLines lines;
    private final List<String> problems = new ArrayList<>();

    /** Values read so far by "section.key", for defaults that refer to them. */
    private final Map<String, Object> values = new HashMap<>();

    private ConfigReader(String source, TomlLines lines) {
        this.source = source;
        this.lines = lines;
    }

    static EngineConfig read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new ConfigException(file + " is larger than " + MAX_FILE_BYTES + " bytes: not a configuration");
            }
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new ConfigException(file + " does not exist: `toehold config print` prints one to start from");
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + " is not UTF-8 text");
        } catch (IOException e) {
            throw new ConfigException(file + " cannot be read: " + e.getMessage());
        }
    }

    static EngineConfig parse(String text, String source) {
        JsonNode root;
        try {
            root = TOML.readTree(text);
        } catch (JacksonException e) {
            throw new ConfigException(source + ":" + lineOf(e) + ": not TOML: " + e.getOriginalMessage());
        }
        return new ConfigReader(source, TomlLines.of(text)).config(root);
    }

    private static int lineOf(JacksonException e) {
        if (e.getLocation() == null) {
            return 1;
        }
        // A key is found to be a duplicate behind its value: at the start of the next line.
        boolean behind = e.getOriginalMessage().startsWith("Duplicate key")
                && e.getLocation().getColumnNr() == 1;
        return e.getLocation().getLineNr() - (behind ? 1 : 0);
    }

    private EngineConfig config(JsonNode root) {
        List<SettingKey.Table> tables = SettingKey.tables();
        rejectUnknown(
                root,
                "",
                tables.stream().map(SettingKey.Table::name).toList(),
                "the tables are "
                        + tables.stream().map(SettingKey.Table::header).collect(Collectors.joining(", ")));
        List<Object> parts = new ArrayList<>();
        for (SettingKey.Table table : tables) {
            JsonNode node = root.get(table.name());
            parts.add(table.repeated() ? repeated(table, node) : single(table, node));
        }
        failOnProblems();
        EngineConfig config = SettingKey.construct(EngineConfig.class, parts);
        ConfigRules.check(config, (path, problem) -> problems.add(at(path) + problem));
        failOnProblems();
        return config;
    }

    private void failOnProblems() {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private Object single(SettingKey.Table table, JsonNode node) {
        if (node != null && !node.isObject()) {
            problems.add(at(table.name() + "[0]") + table.name() + " is written " + table.header() + ", once");
            return null;
        }
        return settings(table, node, table.name());
    }

    private List<Object> repeated(SettingKey.Table table, JsonNode node) {
        List<Object> all = new ArrayList<>();
        if (node != null && !node.isArray()) {
            problems.add(at(table.name()) + table.name() + " is written " + table.header() + ", with two brackets");
        } else if (node == null || node.isEmpty()) {
            if (table.isOptional()) {
                return all;
            }
            problems.add(source + ": no " + table.header() + ": at least one is needed");
        } else {
            for (int i = 0; i < node.size(); i++) {
                String path = table.name() + "[" + i + "]";
                if (node.get(i).isObject()) {
                    all.add(settings(table, node.get(i), path));
                } else {
                    problems.add(at(path) + table.name() + " is written " + table.header());
                }
            }
        }
        return all;
    }

    /** One table as its record, or null if it has problems. */
    private Object settings(SettingKey.Table table, JsonNode node, String path) {
        List<SettingKey> keys = table.keys();
        if (node != null) {
            List<String> names = keys.stream().map(SettingKey::name).toList();
            rejectUnknown(node, path, names, table.header() + " has the keys " + String.join(", ", names));
        }
        List<Object> parts = new ArrayList<>();
        for (SettingKey key : keys) {
            parts.add(value(key, node == null ? null : node.get(key.name()), path));
        }
        return parts.contains(null) ? null : SettingKey.construct(table.settings(), parts);
    }

    private Object value(SettingKey key, JsonNode node, String path) {
        String keyPath = path + "." + key.name();
        Object value = null;
        if (node == null && key.isRequired()) {
            problems.add(at(path) + key.section() + "." + key.name() + " is missing: must be " + key.allowed());
        } else {
            JsonNode given = node == null ? absent(key) : node;
            try {
                value = given == null ? null : key.type().read(given, key.setting());
            } catch (IllegalArgumentException e) {
                String reason = e.getMessage().isEmpty() ? "" : e.getMessage() + "; ";
                problems.add(at(keyPath) + key.section() + "." + key.name() + " = " + shown(given) + ": " + reason
                        + "must be " + key.allowed());
            }
        }
        values.put(key.section() + "." + key.name(), value);
        return value;
    }

    /** The default, with references to earlier keys resolved; null if such a key has a problem of its own. */
    private JsonNode absent(SettingKey key) {
        String literal = key.setting().ifAbsent();
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            String reference = "{" + entry.getKey() + "}";
            if (literal.contains(reference)) {
                if (entry.getValue() == null) {
                    return null;
                }
                literal = literal.replace(reference, entry.getValue().toString());
            }
        }
        return TOML.readTree("value = " + literal).get("value");
    }

    private void rejectUnknown(JsonNode table, String path, List<String> known, String allowed) {
        for (String name : table.propertyNames()) {
            if (!known.contains(name)) {
                String keyPath = path.isEmpty() ? name : path + "." + name;
                problems.add(at(keyPath) + "unknown key " + keyPath.replaceAll("\\[\\d+]", "") + ": " + allowed);
            }
        }
    }

    private String at(String path) {
        return source + ":" + lines.lineOf(path) + ": ";
    }

    private static String shown(JsonNode node) {
        String text = node.toString();
        return text.length() <= SHOWN_VALUE_LENGTH ? text : text.substring(0, SHOWN_VALUE_LENGTH) + "...";
    }
}
