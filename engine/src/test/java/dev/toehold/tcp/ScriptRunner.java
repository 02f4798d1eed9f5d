package dev.toehold.tcp;

import dev.toehold.tcp.ScriptLine.When;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Runs a {@link Script} over the real core. Strict: each segment that leaves must be asked for, at its time, before anything else
 * happens. A failure names file and line, what was expected and what came, and prints all that happened until then.
 */
final class ScriptRunner {
    private static final Set<String> PROGRESS = Set.of("delivered", "acknowledged");

    private final Script script;
    private final ScriptHost host;
    private final List<ScriptLine> trace = new ArrayList<>();

    private ScriptRunner(Script script) {
        this.script = script;
        host = new ScriptHost(ScriptConfig.of(script));
    }

    /** Returns what happened, each line with its absolute time and every segment with all its fields: a script again. */
    static List<ScriptLine> run(Script script) {
        ScriptRunner runner = new ScriptRunner(script);
        for (ScriptLine line : script.lines()) {
            runner.run(line);
        }
        runner.finish();
        return runner.trace;
    }

    private void run(ScriptLine line) {
        long base = line.when().absolute() ? host.zeroNs : host.nowNs;
        long from = base + line.when().fromNs();
        if (from < host.nowNs) {
            throw failure(line, line.toString(), "that moment has passed");
        }
        try {
            switch (line.action()) {
                case ScriptLine.Expect expect ->
                    expect(line, expect.segment(), from, base + line.when().toNs());
                case ScriptLine.Event event -> event(line, event.text(), from);
                case ScriptLine.Query query -> query(line, query, from);
                case ScriptLine.Nothing _ -> {
                    advance(line, from);
                    noOutput(line);
                    note(line.action());
                }
                case ScriptLine.Inject inject -> {
                    noOutputUntil(line, from);
                    int at = trace.size();
                    ScriptSegment full = host.arrive(inject.segment());
                    noteAt(at, new ScriptLine.Inject(full, inject.more()));
                    if (!inject.more()) {
                        host.burstEnd();
                    }
                }
                case ScriptLine.Command command -> {
                    noOutputUntil(line, from);
                    note(command);
                    ScriptCommands.run(host, command);
                }
            }
        } catch (ScriptFailure e) {
            throw e;
        } catch (RuntimeException | AssertionError e) {
            throw failure(line, line.toString(), e.toString(), e);
        }
    }

    private void finish() {
        ScriptLine end = new ScriptLine(
                script.lines().isEmpty() ? 0 : script.lines().getLast().number(), When.NOW, new ScriptLine.Nothing());
        noOutput(end);
        String event = nextEvent(null);
        if (event != null) {
            throw failure(end, "the end of the script", "! " + event);
        }
    }

    private void advance(ScriptLine line, long untilNs) {
        if (untilNs > host.nowNs) {
            noOutput(line);
        }
        host.advance(untilNs);
    }

    private void noOutputUntil(ScriptLine line, long untilNs) {
        advance(line, untilNs);
        noOutput(line);
    }

    private void noOutput(ScriptLine line) {
        ScriptHost.Sent sent = host.sent.peek();
        if (sent != null) {
            throw failure(line, line.toString(), describe(sent) + ", which no line asks for");
        }
    }

    private void expect(ScriptLine line, ScriptSegment expected, long from, long to) {
        host.advance(to);
        ScriptHost.Sent sent = host.sent.poll();
        if (sent == null) {
            throw failure(line, line.toString(), "nothing until " + at(to));
        }
        String difference = expected.difference(sent.segment(), host.iss, host.irs);
        if (difference == null && (sent.atNs() < from || sent.atNs() > to)) {
            difference = "time, due at " + at(from) + (from == to ? "" : " to " + at(to));
        }
        if (difference != null) {
            throw failure(line, line.toString(), describe(sent) + "\n  differs in " + difference);
        }
        trace.add(new ScriptLine(
                trace.size() + 1,
                new When(true, sent.atNs() - host.zeroNs, sent.atNs() - host.zeroNs),
                new ScriptLine.Expect(sent.segment())));
    }

    private void event(ScriptLine line, String text, long from) {
        advance(line, from);
        String event = nextEvent(text);
        if (!text.equals(event)) {
            throw failure(line, line.toString(), event == null ? "no event" : "! " + event);
        }
        note(line.action());
    }

    /** Skips progress that the script does not mention. */
    private String nextEvent(String wanted) {
        while (!host.events.isEmpty()) {
            String event = host.events.remove();
            if (event.equals(wanted) || !PROGRESS.contains(event.split(" ", -1)[0])) {
                return event;
            }
        }
        return null;
    }

    private void query(ScriptLine line, ScriptLine.Query query, long from) {
        advance(line, from);
        String got = ScriptQueries.value(host, query.name());
        if (!ScriptQueries.holds(got, query.operator(), query.value())) {
            throw failure(line, line.toString(), query.name() + " " + got);
        }
    }

    private void note(ScriptLine.Action action) {
        noteAt(trace.size(), action);
    }

    private void noteAt(int index, ScriptLine.Action action) {
        long at = host.nowNs - host.zeroNs;
        trace.add(index, new ScriptLine(index + 1, new When(true, at, at), action));
    }

    private String describe(ScriptHost.Sent sent) {
        return "> " + sent.segment() + " at " + at(sent.atNs());
    }

    private String at(long ns) {
        return "@" + ScriptLine.ms(ns - host.zeroNs);
    }

    private ScriptFailure failure(ScriptLine line, String expected, String got) {
        return failure(line, expected, got, null);
    }

    private ScriptFailure failure(ScriptLine line, String expected, String got, Throwable cause) {
        StringBuilder text = new StringBuilder()
                .append(script.name())
                .append(':')
                .append(line.number())
                .append("\n  expected ")
                .append(expected)
                .append("\n  got      ")
                .append(got)
                .append("\nuntil then:");
        trace.forEach(t -> text.append("\n  ").append(t));
        host.sent.forEach(s -> text.append("\n  ").append(describe(s)).append(" (pending)"));
        host.events.forEach(e -> text.append("\n  ! ").append(e).append(" (pending)"));
        return new ScriptFailure(text.toString(), cause);
    }

    /** The script and the core disagree. */
    static final class ScriptFailure extends AssertionError {
        private static final long serialVersionUID = 1;

        ScriptFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
