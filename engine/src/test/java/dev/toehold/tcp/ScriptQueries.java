package dev.toehold.tcp;

import java.math.BigDecimal;
import java.util.Locale;

/** The values that {@code expect} can ask for. Times in ms, sizes in bytes. */
final class ScriptQueries {
    private static final String[] PHASES = {"OPEN", "RECOVERY", "LOSS"};

    private ScriptQueries() {}

    static String value(ScriptHost host, String name) {
        Tcb tcb = host.tcb;
        if (name.startsWith("counter ")) {
            return Long.toString(counter(host, name.substring("counter ".length())));
        }
        return switch (name) {
            case "state" -> host.hasConnection() ? TcpState.name(tcb.state()) : host.listening ? "LISTEN" : "CLOSED";
            case "cwnd" -> Integer.toString(tcb.cwnd());
            case "ssthresh" -> tcb.ssthresh() == Integer.MAX_VALUE ? "infinite" : Integer.toString(tcb.ssthresh());
            case "rto" -> ScriptLine.ms(tcb.rtoUs() * 1_000L);
            case "srtt" -> ScriptLine.ms(tcb.srttUs() * 1_000L);
            case "min-rtt" -> ScriptLine.ms(tcb.minRttUs() * 1_000L);
            case "rttvar" -> ScriptLine.ms(tcb.rttvarUs() * 1_000L);
            case "backoff" -> Integer.toString(tcb.backoff());
            case "recovery" -> PHASES[tcb.recovery()];
            case "snd-una" -> Long.toString(tcb.sndUna());
            case "snd-nxt" -> Long.toString(tcb.sndNxt());
            case "snd-max" -> Long.toString(tcb.sndMax());
            case "snd-wnd" -> Long.toString(tcb.sndWnd());
            case "snd-mss" -> Integer.toString(tcb.sndMss());
            case "snd-scale" -> Integer.toString(tcb.sndWscale());
            case "rcv-scale" -> Integer.toString(tcb.rcvWscale());
            case "rcv-nxt" -> Long.toString(tcb.rcvNxt());
            case "rcv-position" -> Long.toString(tcb.rcvPosition());
            case "rcv-edge" -> Long.toString(tcb.rcvEdge());
            case "ts-recent" -> Integer.toUnsignedString(tcb.tsRecent());
            case "deadline" -> host.deadlineNs == Long.MAX_VALUE ? "none" : ScriptLine.ms(host.deadlineNs - host.nowNs);
            case "retransmits" -> Integer.toString(tcb.retransmits());
            case "slots" -> Integer.toString(host.core.boundSlots());
            default -> throw new IllegalArgumentException("nothing to expect by the name " + name);
        };
    }

    private static long counter(ScriptHost host, String name) {
        for (int i = 0; i < TcpCounters.COUNT; i++) {
            if (TcpCounters.name(i).equals("tcp." + name.toLowerCase(Locale.ROOT))) {
                return host.counters.get(i);
            }
        }
        throw new IllegalArgumentException("no counter tcp." + name);
    }

    static boolean holds(String got, String operator, String expected) {
        if (operator.equals("=")) {
            return got.equals(expected);
        }
        int order = new BigDecimal(got).compareTo(new BigDecimal(expected));
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            default -> throw new IllegalArgumentException("operator " + operator);
        };
    }
}
