package dev.toehold.tcp;

import dev.toehold.tcp.ScriptSegment.Number32;
import java.util.List;

/** What the application, or the host, does in a script. */
final class ScriptCommands {
    private ScriptCommands() {}

    static void run(ScriptHost host, ScriptLine.Command command) {
        List<String> words = command.arguments();
        TcpCore core = host.core;
        Tcb tcb = host.tcb;
        long nowNs = host.nowNs;
        switch (command.name()) {
            case "established" -> host.establish(words.equals(List.of("passive")));
            case "connect" -> host.connect();
            case "listen" -> {
                host.listening = true;
                host.withCookies = words.equals(List.of("cookies"));
            }
            case "unlisten" -> host.listening = false;
            case "send" -> {
                boolean more = words.size() > 1 && words.get(1).equals("more");
                core.send(tcb, tcb.submitted() + Long.parseLong(words.getFirst()), more, nowNs);
            }
            case "flush" -> core.flush(tcb, nowNs);
            case "shutdown" -> core.shutdown(tcb, nowNs);
            case "close" -> core.close(tcb, nowNs);
            case "abort" -> core.abort(tcb, nowNs);
            case "nodelay" -> core.setNoDelay(tcb, isOn(words), nowNs);
            case "keepalive" -> core.setKeepalive(tcb, isOn(words), nowNs);
            case "user-timeout" -> core.setUserTimeout(tcb, Integer.parseInt(words.getFirst()));
            case "grant" -> {
                long bufferLength = words.size() > 1 ? Long.parseLong(words.get(1)) : 0;
                core.grantWindow(tcb, Long.parseLong(words.getFirst()), bufferLength, nowNs);
            }
            case "room" ->
                host.room = words.getFirst().equals("any") ? Long.MAX_VALUE : Long.parseLong(words.getFirst());
            case "forget" -> core.forgetOutOfOrder(tcb);
            case "buffers" -> {
                host.buffers = isOn(words);
                if (host.buffers && host.hasConnection()) {
                    core.onOutput(tcb, nowNs);
                }
            }
            case "icmp" -> icmp(host, words);
            default -> throw new IllegalArgumentException("no command of that name");
        }
    }

    private static boolean isOn(List<String> words) {
        return words.equals(List.of("on"));
    }

    /** {@code icmp soft|hard|too-big MTU SEQ}; the MTU only with too-big. */
    private static void icmp(ScriptHost host, List<String> words) {
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
}
