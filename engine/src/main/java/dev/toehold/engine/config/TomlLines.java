package dev.toehold.engine.config;

import java.util.HashMap;
import java.util.Map;

/**
 * Where each table and key of a TOML text stands. The parser keeps no positions for values; this walk over a text that the
 * parser has accepted finds them again, so that a message about a value can name its line.
 *
 * <p>Paths are written {@code engine.name}, {@code port[0].device}. Keys inside inline tables have the line of their
 * statement.
 */
final class TomlLines {
    private final String text;
    private final Map<String, Integer> lines = new HashMap<>();
    private final Map<String, Integer> tableCounts = new HashMap<>();
    private int at;
    private int line = 1;

    private TomlLines(String text) {
        this.text = text;
    }

    /** Walks over the text once. */
    static TomlLines of(String text) {
        TomlLines lines = new TomlLines(text);
        lines.walk();
        return lines;
    }

    /** Line of a path, of the nearest table or key that encloses it if it has none of its own, or 1. */
    int lineOf(String path) {
        String enclosing = path;
        while (!lines.containsKey(enclosing)) {
            int end = Math.max(enclosing.lastIndexOf('.'), enclosing.lastIndexOf('['));
            if (end < 0) {
                return 1;
            }
            enclosing = enclosing.substring(0, end);
        }
        return lines.get(enclosing);
    }

    private void walk() {
        String table = "";
        while (skipToStatement()) {
            if (text.charAt(at) == '[') {
                boolean array = text.startsWith("[[", at);
                at += array ? 2 : 1;
                table = withLatestIndexes(dottedKey(']'), array);
                lines.putIfAbsent(table, line);
                skipLine();
            } else {
                String key = dottedKey('=');
                lines.putIfAbsent(table.isEmpty() ? key : table + "." + key, line);
                skipValue();
            }
        }
    }

    /** {@code [port.x]} means the latest {@code [[port]]}. */
    private String withLatestIndexes(String name, boolean array) {
        String path = "";
        for (String part : name.split("\\.", -1)) {
            path = path.isEmpty() ? part : path + "." + part;
            boolean last = path.length() >= name.length() && array;
            if (last) {
                tableCounts.merge(path, 1, Integer::sum);
            }
            Integer count = tableCounts.get(path);
            if (count != null) {
                path = path + "[" + (count - 1) + "]";
            }
        }
        return path;
    }

    private boolean skipToStatement() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                skipLine();
            } else if (c == '\n') {
                line++;
                at++;
            } else if (c == ' ' || c == '\t' || c == '\r') {
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private void skipLine() {
        while (at < text.length() && text.charAt(at) != '\n') {
            at++;
        }
    }

    /** Reads a dotted key up to {@code end} and passes it; quotes around parts are dropped. */
    private String dottedKey(char end) {
        StringBuilder key = new StringBuilder();
        while (at < text.length() && text.charAt(at) != end && text.charAt(at) != '\n') {
            char c = text.charAt(at++);
            if (c == '"' || c == '\'') {
                while (at < text.length() && text.charAt(at) != c && text.charAt(at) != '\n') {
                    key.append(text.charAt(at++));
                }
                at++;
            } else if (c != ' ' && c != '\t') {
                key.append(c);
            }
        }
        at++;
        return key.toString();
    }

    private void skipValue() {
        int depth = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"' || c == '\'') {
                skipString(c);
                continue;
            }
            if (c == '#') {
                skipLine();
                continue;
            }
            if (c == '\n') {
                if (depth == 0) {
                    return;
                }
                line++;
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            }
            at++;
        }
    }

    private void skipString(char quote) {
        String triple = String.valueOf(quote).repeat(3);
        String end = text.startsWith(triple, at) ? triple : String.valueOf(quote);
        at += end.length();
        while (at < text.length() && !text.startsWith(end, at)) {
            if (text.charAt(at) == '\\' && quote == '"') {
                at++;
            }
            if (at < text.length() && text.charAt(at) == '\n') {
                line++;
            }
            at++;
        }
        at += end.length();
    }
}
