package dev.toehold.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads one JSON object of plain values (RFC 8259), as the engine writes them: strings, numbers, booleans, null. Nested values are kept as
 * text. The library needs no more of JSON, and no dependency for it.
 */
final class FlatJson {
    private final String text;
    private int at;

    private FlatJson(String text) {
        this.text = text;
    }

    /**
     * Names to values: strings unescaped, everything else as written; null values are left out.
     *
     * @throws IllegalArgumentException if it is no JSON object
     */
    static Map<String, String> parse(String text) {
        FlatJson json = new FlatJson(text);
        Map<String, String> fields = new LinkedHashMap<>();
        json.expect('{');
        if (json.peek() == '}') {
            json.at++;
        } else {
            do {
                json.skipSpace();
                String name = json.string();
                json.expect(':');
                String value = json.value();
                if (value != null) {
                    fields.put(name, value);
                }
            } while (json.another());
        }
        if (json.peek() != 0) {
            throw json.malformed();
        }
        return fields;
    }

    /** Behind a member: true if another follows, false at the end of the object. */
    private boolean another() {
        char c = peek();
        at++;
        if (c != ',' && c != '}') {
            throw malformed();
        }
        return c == ',';
    }

    private String value() {
        return switch (peek()) {
            case '"' -> string();
            case '{', '[' -> nested();
            default -> {
                String word = word();
                yield word.equals("null") ? null : word;
            }
        };
    }

    private String word() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw malformed();
        }
        return text.substring(start, at);
    }

    private String nested() {
        int start = at;
        int depth = 0;
        do {
            char c = peek();
            if (c == '"') {
                string();
                continue;
            }
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            at++;
            if (c == 0) {
                throw malformed();
            }
        } while (depth > 0);
        return text.substring(start, at);
    }

    private String string() {
        if (peek() != '"') {
            throw malformed();
        }
        at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                if (at + 4 > text.length()) {
                    throw malformed();
                }
                at += 4;
                yield (char) Integer.parseInt(text, at - 4, at, 16);
            }
            default -> c;
        };
    }

    private char next() {
        if (at >= text.length()) {
            throw malformed();
        }
        return text.charAt(at++);
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw malformed();
        }
        at++;
    }

    /** The next character that is no space, 0 at the end. */
    private char peek() {
        skipSpace();
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("not a JSON object, offset=" + at);
    }
}
