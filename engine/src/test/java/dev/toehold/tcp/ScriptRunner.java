package dev.toehold.tcp;

import dev.toehold.tcp.ScriptLine.When;
import dev.toehold.tcp.ScriptSegment.Number32;
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
                    command(line, command);
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

    private void command(ScriptLine line, ScriptLine.Command command) {
        List<String> words = command.arguments();
        switch (command.name()) {
            case "established" -> host.establish(words.equals(List.of("passive")));
            case "connect" -> host.connect();
            case "listen" -> {
                host.listening = true;
                host.withCookies = words.equals(List.of("cookies"));
            }
            case "unlisten" -> host.listening = false;
            case "send" ->
                host.core.send(
                        host.tcb,
                        host.tcb.submitted() + Long.parseLong(words.getFirst()),
                        words.size() > 1 && words.get(1).equals("more"),
                        host.nowNs);
            case "flush" -> host.core.flush(host.tcb, host.nowNs);
            case "shutdown" -> host.core.shutdown(host.tcb, host.nowNs);
            case "close" -> host.core.close(host.tcb, host.nowNs);
            case "abort" -> host.core.abort(host.tcb, host.nowNs);
            case "nodelay" -> host.core.setNoDelay(host.tcb, isOn(words), host.nowNs);
            case "keepalive" -> host.core.setKeepalive(host.tcb, isOn(words), host.nowNs);
            case "user-timeout" -> host.core.setUserTimeout(host.tcb, Integer.parseInt(words.getFirst()));
            case "grant" -> host.core.grantWindow(host.tcb, Long.parseLong(words.getFirst()), host.nowNs);
            case "room" ->
                host.room = words.getFirst().equals("any") ? Long.MAX_VALUE : Long.parseLong(words.getFirst());
            case "forget" -> host.core.forgetOutOfOrder(host.tcb);
            case "buffers" -> {
                host.buffers = isOn(words);
                if (host.buffers && host.hasConnection()) {
                    host.core.onOutput(host.tcb, host.nowNs);
                }
            }
            case "icmp" -> icmp(words);
            default -> throw failure(line, line.toString(), "no command of that name");
        }
    }

    private static boolean isOn(List<String> words) {
        return words.equals(List.of("on"));
    }

    /** {@code icmp soft|hard|too-big MTU SEQ}; the MTU only with too-big. */
    private void icmp(List<String> words) {
        TcpCore.IcmpKind kind = switch (words.getFirst()) {
            case "soft" -> TcpCore.IcmpKind.SOFT;
            case "hard" -> TcpCore.IcmpKind.HARD;
            case "too-big" -> TcpCore.IcmpKind.TOO_BIG;
            default -> throw new IllegalArgumentException("ICMP " + words.getFirst());
        };
        int mtu = kind == TcpCore.IcmpKind.TOO_BIG ? Integer.parseInt(words.get(1)) : 0;
        int seq = Number32.position(Long.parseLong(words.getLast())).toWire(host.iss);
        if (host.hasConnection()) {
            host.core.onIcmp(host.tcb, kind, mtu, seq, host.nowNs);
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
