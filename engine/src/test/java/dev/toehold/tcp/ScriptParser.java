package dev.toehold.tcp;

import dev.toehold.net.Tcp;
import dev.toehold.tcp.ScriptSegment.Number32;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Text to {@link Script}. What it does not understand is refused with file and line. */
final class ScriptParser {
    private static final String REQUIRE = "# require:";

    private final String name;
    private int number;

    private ScriptParser(String name) {
        this.name = name;
    }

    static Script parse(String name, String text) {
        return new ScriptParser(name).parse(text);
    }

    private Script parse(String text) {
        List<String> requirements = new ArrayList<>();
        Map<String, String> config = new LinkedHashMap<>();
        List<ScriptLine> lines = new ArrayList<>();
        for (String raw : text.lines().toList()) {
            number++;
            if (raw.startsWith(REQUIRE)) {
                requirements.add(raw.substring(REQUIRE.length()).trim());
            }
            int comment = raw.startsWith("#") ? 0 : raw.indexOf(" # ");
            String line = (comment < 0 ? raw : raw.substring(0, comment)).trim();
            if (line.isEmpty()) {
                continue;
            }
            if (line.startsWith("config ")) {
                if (!lines.isEmpty()) {
                    throw error("config lines come first");
                }
                configure(config, line.substring("config ".length()).trim());
            } else {
                lines.add(line(line));
            }
        }
        return new Script(name, List.copyOf(requirements), config, List.copyOf(lines));
    }

    private void configure(Map<String, String> config, String words) {
        for (String word : words.split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw error("config takes name=value, not " + word);
            }
            if (config.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw error("config names " + word.substring(0, equals) + " twice");
            }
        }
    }

    private ScriptLine line(String line) {
        Deque<String> words = words(line);
        ScriptLine.When when = ScriptLine.When.NOW;
        String first = words.element();
        if (first.matches("[+@][0-9].*")) {
            when = when(words.remove());
        }
        if (words.isEmpty()) {
            throw error("a time and nothing to do");
        }
        ScriptLine.Action action = action(words.remove(), words);
        if (when.fromNs() != when.toNs() && !(action instanceof ScriptLine.Expect)) {
            throw error("only what is expected has a range of times");
        }
        return new ScriptLine(number, when, action);
    }

    private static Deque<String> words(String line) {
        return new ArrayDeque<>(Arrays.asList(line.split("\\s+", -1)));
    }

    private ScriptLine.When when(String word) {
        int range = word.indexOf("..");
        long from = ns(range < 0 ? word.substring(1) : word.substring(1, range));
        long to = range < 0 ? from : ns(word.substring(range + 2));
        if (to < from) {
            throw error("the range of times " + word + " ends before it begins");
        }
        return new ScriptLine.When(word.charAt(0) == '@', from, to);
    }

    private long ns(String ms) {
        try {
            return new BigDecimal(ms).movePointRight(6).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw error("no time in milliseconds: " + ms, e);
        }
    }

    private ScriptLine.Action action(String verb, Deque<String> words) {
        return switch (verb) {
            case "<" -> new ScriptLine.Inject(segment(words), false);
            case "<<" -> new ScriptLine.Inject(segment(words), true);
            case ">" -> new ScriptLine.Expect(segment(words));
            case "!" -> new ScriptLine.Event(String.join(" ", words));
            case "nothing" -> new ScriptLine.Nothing();
            case "expect" -> query(words);
            default -> new ScriptLine.Command(verb, List.copyOf(words));
        };
    }

    private ScriptLine.Query query(Deque<String> words) {
        if (words.size() < 2) {
            throw error("expect takes a name and a value");
        }
        String value = words.removeLast();
        String last = words.peekLast();
        boolean operator = last.matches("[<>]=?");
        if (operator) {
            words.removeLast();
        }
        return new ScriptLine.Query(String.join(" ", words), operator ? last : "=", value);
    }

    private ScriptSegment segment(Deque<String> words) {
        if (words.size() < 2) {
            throw error("a segment has flags and a sequence number");
        }
        int flags = flags(words.remove());
        String position = words.remove();
        int plus = position.indexOf('+');
        Number32 seq = number(plus < 0 ? position : position.substring(0, plus));
        int length = plus < 0 ? 0 : (int) integer(position.substring(plus + 1));
        Number32 ack = null;
        int window = -1;
        int urgent = 0;
        int ecn = 0;
        List<String> options = List.of();
        while (!words.isEmpty()) {
            String word = words.remove();
            if (word.startsWith("<")) {
                options = options(word + " " + String.join(" ", words));
                words.clear();
                continue;
            }
            if (words.isEmpty()) {
                throw error(word + " has no value");
            }
            String value = words.remove();
            switch (word) {
                case "ack" -> ack = number(value);
                case "win" -> window = (int) integer(value);
                case "urg" -> urgent = (int) integer(value);
                case "ecn" -> ecn = (int) integer(value);
                default -> throw error("a segment has no " + word);
            }
        }
        if ((flags & Tcp.ACK) != 0 != (ack != null)) {
            throw error("flag . and word ack come together");
        }
        return new ScriptSegment(flags, seq, length, ack, window, urgent, ecn, options);
    }

    private int flags(String letters) {
        if (letters.equals("-")) {
            return 0;
        }
        int flags = 0;
        for (int i = 0; i < letters.length(); i++) {
            int bit = ScriptSegment.FLAG_LETTERS.indexOf(letters.charAt(i));
            if (bit < 0 || (flags & 1 << bit) != 0) {
                throw error("flags are letters of " + ScriptSegment.FLAG_LETTERS + " or -, not " + letters);
            }
            flags |= 1 << bit;
        }
        return flags;
    }

    private List<String> options(String text) {
        String trimmed = text.trim();
        if (!trimmed.endsWith(">")) {
            throw error("options end with >");
        }
        List<String> options = new ArrayList<>();
        for (String option : trimmed.substring(1, trimmed.length() - 1).split(",", -1)) {
            String one = option.trim().replaceAll("\\s+", " ");
            if (!one.matches(
                    "mss \\d+|ws \\d+|sackOK|ts( (\\*|\\d+) (\\*|\\d+))?|nots|sack( -?\\d+:-?\\d+)+|raw [0-9a-f]+")) {
                throw error("no option that a script knows: " + one);
            }
            options.add(one);
        }
        return options;
    }

    private Number32 number(String word) {
        if (word.startsWith("#")) {
            return new Number32(true, (int) (long) Long.decode(word.substring(1)));
        }
        return Number32.position(integer(word));
    }

    private long integer(String word) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw error("no number: " + word, e);
        }
    }

    private IllegalArgumentException error(String what) {
        return error(what, null);
    }

    private IllegalArgumentException error(String what, Exception cause) {
        return new IllegalArgumentException(name + ":" + number + ": " + what, cause);
    }
}
