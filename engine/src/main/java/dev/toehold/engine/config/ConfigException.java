package dev.toehold.engine.config;

import java.util.List;

/** A configuration that cannot be used. Each problem is one line: source, line, key, what is wrong, what is allowed. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    ConfigException(List<String> problems) {
        super(summary(problems));
        this.problems = List.copyOf(problems);
    }

    ConfigException(String problem) {
        this(List.of(problem));
    }

    /** All problems in the order of the file; the message is the first and how many more there are. */
    public List<String> problems() {
        return problems;
    }

    private static String summary(List<String> problems) {
        String first = problems.getFirst();
        return problems.size() == 1
                ? first
                : first + " (and " + (problems.size() - 1) + " more; see `toehold config check`)";
    }
}
