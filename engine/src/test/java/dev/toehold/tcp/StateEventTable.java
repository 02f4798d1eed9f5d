package dev.toehold.tcp;

import dev.toehold.net.Tcp;
import dev.toehold.tcp.ScriptSegment.Number32;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Every state of RFC 9293 section 3.3.2 met by every kind of segment, call and timeout of section 3.10, each cell from a core of its own,
 * as text.
 */
final class StateEventTable {
    private static final String IMPOSSIBLE = "impossible: ";
    private static final long MS = 1_000_000;

    private static final String HEAD = """
            # What the core does, per state and event: the next state, the segments that leave, what the application hears.
            # Reviewed by hand against RFC 9293 section 3.10; compared with the core by StateEventTableTest.
            #
            # Before each event the peer has sent 200 bytes (the next one is 200), we have sent 150, 100 of them are acknowledged; the window
            # that we offer ends at 40000, the peer's is 60000. A FIN that the state implies follows those bytes: ours is 150, the peer's 200.
            # Segments are written as in docs/test-scripts.md; "delayed ACK" = one is due within 40 ms. LISTEN and CLOSED have no record: they
            # are the host's (the stack's demultiplexer), which asks the core for the answer; SEQ 0 on the wire is position 0 there.
            #
            # Where RFC 9293 leaves a choice or this differs from it:
            #   SYN-RECEIVED  every ACK that is not of the SYN gets the RST of its own rule (fifth step), also one that section 5.2 of
            #                 RFC 5961 would challenge in a later state.
            #   SYN-RECEIVED  CLOSE of our direction: the FIN waits for ESTABLISHED even if nothing was submitted (section 3.10.4 would
            #                 send it from SYN-RECEIVED): a round trip later, the same bytes.
            #   R2            a RST tells the peer where ABORT would.
            #   OPEN, SEND and CLOSE that RFC 9293 answers with an error are refused by the session, which knows the handles.
            """;

    /** How a state is reached, as a script without expectations. */
    private static final Map<String, String> STATES = states();

    private static Map<String, String> states() {
        String established = """
                established
                send 100
                < . 0+200 ack 100
                send 50
                """;
        Map<String, String> states = new LinkedHashMap<>();
        states.put("CLOSED", "config iss=0xffffffff\n");
        states.put("LISTEN", "config iss=0xffffffff\nlisten\n");
        states.put("SYN-SENT", "connect\n");
        states.put("SYN-RECEIVED (passive)", "listen\n< S -1 <mss 1000>\n");
        states.put("SYN-RECEIVED (active)", "connect\n< S -1 <mss 1000>\n");
        states.put("ESTABLISHED", established);
        states.put("FIN-WAIT-1", established + "shutdown\n");
        states.put("FIN-WAIT-2", established + "shutdown\n< . 200 ack 151\n");
        states.put("CLOSE-WAIT", established + "< F. 200 ack 100\n");
        states.put("CLOSING", established + "shutdown\n< F. 200 ack 100\n");
        states.put("LAST-ACK", established + "< F. 200 ack 100\nshutdown\n");
        states.put("TIME-WAIT", established + "shutdown\n< . 200 ack 151\n< F. 200 ack 151\n");
        return states;
    }

    /** The record's positions when the event comes, 0 where there is no record. */
    private record Positions(long rcvNxt, long rcvEdge, long sndUna, long sndMax) {
        static Positions of(ScriptHost host) {
            if (!host.hasConnection()) {
                return new Positions(0, 0, 0, 0);
            }
            Tcb tcb = host.tcb;
            long next = tcb.state() == TcpState.SYN_SENT ? -1 : tcb.rcvNxt() + (tcb.finReceived() >= 0 ? 1 : 0);
            return new Positions(next, tcb.rcvEdge(), tcb.sndUna(), tcb.sndMax());
        }
    }

    /** A segment of the peer's in terms of the record's positions. */
    private interface Arrival {
        ScriptSegment at(Positions p);
    }

    private static final Map<String, Arrival> SEGMENTS = segments();

    private static Map<String, Arrival> segments() {
        Map<String, Arrival> all = new LinkedHashMap<>();
        all.put("SYN at RCV.NXT", p -> segment(Tcp.SYN, p.rcvNxt, 0, null));
        all.put("SYN in the window", p -> segment(Tcp.SYN, p.rcvNxt + 500, 0, null));
        all.put("SYN outside the window", p -> segment(Tcp.SYN, p.rcvEdge + 5000, 0, null));
        all.put("SYN again", _ -> segment(Tcp.SYN, -1, 0, null));
        all.put("SYN,ACK", p -> segment(Tcp.SYN, -1, 0, p.sndMax));
        all.put("ACK of all", p -> segment(0, p.rcvNxt, 0, p.sndMax));
        all.put("ACK of nothing new", p -> segment(0, p.rcvNxt, 0, p.sndUna));
        all.put("ACK older", p -> segment(0, p.rcvNxt, 0, p.sndUna - 10));
        all.put("ACK too old", p -> segment(0, p.rcvNxt, 0, p.sndUna - 70_000));
        all.put("ACK beyond what was sent", p -> segment(0, p.rcvNxt, 0, p.sndMax + 1));
        all.put("text without ACK", p -> segment(0, p.rcvNxt, 10, null));
        all.put("text at RCV.NXT", p -> segment(Tcp.PSH, p.rcvNxt, 10, p.sndUna));
        all.put("text partly old", p -> segment(Tcp.PSH, p.rcvNxt - 5, 10, p.sndUna));
        all.put("text all old", p -> segment(Tcp.PSH, p.rcvNxt - 10, 10, p.sndUna));
        all.put("text beyond a hole", p -> segment(Tcp.PSH, p.rcvNxt + 10, 10, p.sndUna));
        all.put("text partly in the window", p -> segment(Tcp.PSH, p.rcvEdge - 5, 10, p.sndUna));
        all.put("text outside the window", p -> segment(Tcp.PSH, p.rcvEdge + 10, 10, p.sndUna));
        all.put("urgent text", p -> segment(Tcp.URG, p.rcvNxt, 10, p.sndUna));
        all.put("FIN", p -> segment(Tcp.FIN, p.rcvNxt, 0, p.sndUna));
        all.put("FIN with text", p -> segment(Tcp.FIN, p.rcvNxt, 10, p.sndUna));
        all.put("FIN with ACK of all", p -> segment(Tcp.FIN, p.rcvNxt, 0, p.sndMax));
        all.put("FIN beyond a hole", p -> segment(Tcp.FIN, p.rcvNxt + 10, 0, p.sndUna));
        all.put("FIN again", p -> segment(Tcp.FIN, p.rcvNxt - 1, 0, p.sndUna));
        all.put("FIN outside the window", p -> segment(Tcp.FIN, p.rcvEdge + 10, 0, p.sndUna));
        all.put("RST at RCV.NXT", p -> segment(Tcp.RST, p.rcvNxt, 0, null));
        all.put("RST,ACK of all", p -> segment(Tcp.RST, p.rcvNxt, 0, p.sndMax));
        all.put("RST in the window", p -> segment(Tcp.RST, p.rcvNxt + 500, 0, null));
        all.put("RST outside the window", p -> segment(Tcp.RST, p.rcvEdge + 5000, 0, null));
        return all;
    }

    private static ScriptSegment segment(int flags, long seq, int length, Long ack) {
        List<String> options = (flags & Tcp.SYN) != 0 ? List.of("mss 1000") : List.of();
        Number32 number = ack == null ? null : Number32.position(ack);
        int bits = ack == null ? flags : flags | Tcp.ACK;
        int urgent = (flags & Tcp.URG) != 0 ? 5 : 0;
        return new ScriptSegment(bits, Number32.position(seq), length, number, -1, urgent, 0, options);
    }

    private static final Map<String, Consumer<ScriptHost>> CALLS = calls();

    private static Map<String, Consumer<ScriptHost>> calls() {
        Map<String, Consumer<ScriptHost>> all = new LinkedHashMap<>();
        all.put("OPEN, active", host -> {
            require(!host.hasConnection(), "an OPEN makes a record of its own, for a tuple that has none");
            host.connect();
        });
        all.put("OPEN, passive", host -> {
            require(!host.hasConnection(), "a listener is not a connection's");
            host.listening = true;
        });
        all.put("SEND of 10", host -> call(host, "send 10"));
        all.put("SEND of 10, urgent", _ -> require(false, "the contract has no urgent SEND (RFC 6093)"));
        all.put("RECEIVE up to 45000", host -> call(host, "grant 45000"));
        all.put("CLOSE of our direction", host -> call(host, "shutdown"));
        all.put("CLOSE of both", host -> call(host, "close"));
        all.put("ABORT", host -> call(host, "abort"));
        all.put("STATUS", host -> {
            require(host.hasConnection(), "no record");
            new TcbSnapshot(host.store.records).take(host.tcb.index());
        });
        return all;
    }

    private static final Map<String, Consumer<ScriptHost>> TIMEOUTS = timeouts();

    private static Map<String, Consumer<ScriptHost>> timeouts() {
        Map<String, Consumer<ScriptHost>> all = new LinkedHashMap<>();
        all.put("retransmission", host -> {
            require(host.hasConnection() && host.tcb.rexmtDeadline() != Timers.OFF, "nothing is in flight");
            host.advance(host.tcb.rexmtDeadline());
        });
        all.put("R2", host -> {
            require(host.hasConnection() && host.tcb.rexmtDeadline() != Timers.OFF, "nothing is in flight");
            untilGone(host);
        });
        all.put("user timeout of 1 s", host -> {
            require(host.hasConnection() && host.tcb.rexmtDeadline() != Timers.OFF, "nothing is in flight");
            require(
                    TcpState.isSynchronized(host.tcb.state()),
                    "it counts from ESTABLISHED on, before that R2 of the SYN");
            host.core.setUserTimeout(host.tcb, 1_000);
            untilGone(host);
        });
        all.put("delayed ACK", host -> {
            require(host.hasConnection() && TcpState.mayReceive(host.tcb.state()), "no text comes in");
            Positions p = Positions.of(host);
            host.arrive(segment(0, p.rcvNxt, 10, p.sndUna));
            host.burstEnd();
            host.advance(host.nowNs + 40 * MS);
        });
        all.put("zero-window probe", host -> {
            require(host.hasConnection() && TcpState.mayTransmit(host.tcb.state()), "no text goes out");
            require(!host.tcb.has(TcbFlags.SHUTDOWN), "everything is sent already");
            Positions p = Positions.of(host);
            call(host, "send 10");
            host.arrive(new ScriptSegment(
                    Tcp.ACK, Number32.position(p.rcvNxt), 0, Number32.position(p.sndMax), 0, 0, 0, List.of()));
            host.burstEnd();
            host.sent.clear();
            host.events.clear();
            host.advance(host.nowNs + 10_000 * MS);
        });
        all.put("keepalive", host -> {
            require(host.hasConnection() && TcpState.isSynchronized(host.tcb.state()), "not synchronized");
            require(host.tcb.state() != TcpState.TIME_WAIT, "TIME-WAIT ends by itself");
            Positions p = Positions.of(host);
            host.arrive(segment(0, p.rcvNxt, 0, p.sndMax));
            host.burstEnd();
            require(host.hasConnection() && host.tcb.state() != TcpState.TIME_WAIT, "text of ours is in flight");
            host.sent.clear();
            host.events.clear();
            host.core.setKeepalive(host.tcb, true, host.nowNs);
            host.advance(host.nowNs + 7_200_000 * MS);
        });
        all.put("2 MSL", host -> {
            require(host.hasConnection() && host.tcb.state() == TcpState.TIME_WAIT, "only TIME-WAIT waits for it");
            host.advance(host.nowNs + 60_000 * MS);
        });
        return all;
    }

    private static void untilGone(ScriptHost host) {
        for (int i = 0; i < 100 && host.hasConnection(); i++) {
            host.sent.clear();
            host.advance(host.deadlineNs);
        }
    }

    private static void call(ScriptHost host, String line) {
        require(host.hasConnection(), "the host finds no connection for the handle");
        ScriptCommands.run(host, (ScriptLine.Command)
                ScriptParser.parse("call", line).lines().getFirst().action());
    }

    /** A cell that cannot be. */
    private static final class Impossible extends RuntimeException {
        private static final long serialVersionUID = 1;

        Impossible(String reason) {
            super(reason);
        }
    }

    private static void require(boolean possible, String otherwise) {
        if (!possible) {
            throw new Impossible(otherwise);
        }
    }

    private StateEventTable() {}

    static String render() {
        StringBuilder text = new StringBuilder(HEAD);
        STATES.forEach((state, way) -> {
            text.append("\n== ").append(state).append('\n');
            SEGMENTS.forEach((name, arrival) -> text.append(cell("segment", name, way, host -> {
                host.arrive(arrival.at(Positions.of(host)));
                host.burstEnd();
            })));
            CALLS.forEach((name, call) -> text.append(cell("call", name, way, call)));
            TIMEOUTS.forEach((name, timeout) -> text.append(cell("timeout", name, way, timeout)));
        });
        return text.toString();
    }

    private static String cell(String kind, String name, String way, Consumer<ScriptHost> event) {
        ScriptHost host = reach(way);
        boolean wasDelayed = isAckDelayed(host);
        String line;
        try {
            event.accept(host);
            line = "%-13s %s".formatted(ScriptQueries.value(host, "state"), effects(host, wasDelayed));
        } catch (Impossible e) {
            line = IMPOSSIBLE + e.getMessage();
        }
        return "%-8s %-26s %s".formatted(kind, name, line).stripTrailing() + "\n";
    }

    private static ScriptHost reach(String way) {
        Script script = ScriptParser.parse("state", way);
        ScriptHost host = new ScriptHost(ScriptConfig.of(script));
        for (ScriptLine line : script.lines()) {
            switch (line.action()) {
                case ScriptLine.Inject inject -> {
                    host.arrive(inject.segment());
                    host.burstEnd();
                }
                case ScriptLine.Command command -> ScriptCommands.run(host, command);
                default -> throw new IllegalArgumentException(line.toString());
            }
        }
        host.sent.clear();
        host.events.clear();
        return host;
    }

    private static boolean isAckDelayed(ScriptHost host) {
        return host.hasConnection() && host.tcb.delayedAckDeadline() != Timers.OFF;
    }

    private static String effects(ScriptHost host, boolean wasDelayed) {
        StringBuilder text = new StringBuilder();
        host.sent.forEach(sent -> text.append("| > ").append(sent.segment()).append(' '));
        if (isAckDelayed(host) && !wasDelayed) {
            text.append("| delayed ACK ");
        }
        host.events.forEach(event -> text.append("| ! ").append(event).append(' '));
        return text.toString();
    }
}
