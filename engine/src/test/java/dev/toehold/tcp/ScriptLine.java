package dev.toehold.tcp;

import java.util.List;

/** One line of a script: when, and what. */
record ScriptLine(int number, When when, Action action) {
    private static final int NS_PER_MS = 1_000_000;

    /** A moment, or a range of moments for what is expected. Times in ns. */
    record When(boolean absolute, long fromNs, long toNs) {
        static final When NOW = new When(false, 0, 0);

        @Override
        public String toString() {
            String from = (absolute ? "@" : "+") + ms(fromNs);
            return fromNs == toNs ? from : from + ".." + ms(toNs);
        }
    }

    /** What a line does. */
    sealed interface Action {}

    /** {@code <}: a segment arrives; {@code <<}: and the next one in the same burst. */
    record Inject(ScriptSegment segment, boolean more) implements Action {
        @Override
        public String toString() {
            return (more ? "<< " : "< ") + segment;
        }
    }

    /** {@code >}: a segment leaves. */
    record Expect(ScriptSegment segment) implements Action {
        @Override
        public String toString() {
            return "> " + segment;
        }
    }

    /** {@code !}: what the application hears of. */
    record Event(String text) implements Action {
        @Override
        public String toString() {
            return "! " + text;
        }
    }

    /** {@code nothing}: no segment leaves until then, that moment included. */
    record Nothing() implements Action {
        @Override
        public String toString() {
            return "nothing";
        }
    }

    /** {@code expect}: a value of the connection. */
    record Query(String name, String operator, String value) implements Action {
        @Override
        public String toString() {
            return "expect " + name + (operator.equals("=") ? " " : " " + operator + " ") + value;
        }
    }

    /** What the application or the host does. */
    record Command(String name, List<String> arguments) implements Action {
        @Override
        public String toString() {
            return arguments.isEmpty() ? name : name + " " + String.join(" ", arguments);
        }
    }

    @Override
    public String toString() {
        return when.equals(When.NOW) ? action.toString() : when + " " + action;
    }

    /** Milliseconds with as many decimals as it takes. */
    static String ms(long ns) {
        long rest = Math.abs(ns % NS_PER_MS);
        String whole = (ns < 0 && ns > -NS_PER_MS ? "-" : "") + ns / NS_PER_MS;
        return rest == 0 ? whole : whole + ("." + "%06d".formatted(rest)).replaceAll("0+$", "");
    }
}
