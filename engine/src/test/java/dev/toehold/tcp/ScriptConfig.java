package dev.toehold.tcp;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the {@code config} lines of a script choose: the core's configuration and the two sides. Options are off and the controller
 * is Reno unless a script says otherwise; initial sequence numbers are such that both directions wrap soon.
 */
record ScriptConfig(
        TcpConfig tcp,
        int mss,
        int iss,
        int irs,
        int family,
        long grant,
        int peerMss,
        int peerScale,
        int peerWindow,
        boolean peerTimestamps,
        long rttNs,
        long startNs) {
    private static final long MS = 1_000_000;
    private static final Set<String> NAMES = Set.of(
            "sack",
            "timestamps",
            "scale",
            "cc",
            "ecn",
            "iw",
            "min-rto",
            "initial-rto",
            "max-rto",
            "delayed-ack",
            "time-wait",
            "linger",
            "syn-timeout",
            "rexmt-timeout",
            "keepalive",
            "challenge",
            "total-challenge",
            "mss",
            "iss",
            "irs",
            "family",
            "grant",
            "peer-mss",
            "peer-scale",
            "window",
            "rtt",
            "start");

    static ScriptConfig of(Script script) {
        Map<String, String> words = script.config();
        for (String name : words.keySet()) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException(script.name() + ": config has no " + name);
            }
        }
        Words w = new Words(words);
        boolean timestamps = w.flag("timestamps");
        String scale = words.getOrDefault("scale", "off");
        TcpConfig.Builder builder = TcpConfig.builder()
                .sack(w.flag("sack"))
                .timestamps(timestamps)
                .receiveWindowScale(scale.equals("off") ? -1 : Integer.parseInt(scale))
                .congestionControl(TcpConfig.CongestionAlgorithm.valueOf(
                        words.getOrDefault("cc", "reno").toUpperCase(Locale.ROOT)))
                .ecn(TcpConfig.EcnMode.valueOf(words.getOrDefault("ecn", "off").toUpperCase(Locale.ROOT)))
                .rto(w.ns("min-rto", 200), w.ns("initial-rto", 1_000), w.ns("max-rto", 120_000))
                .delayedAckNs(w.ns("delayed-ack", 40))
                .timeWaitNs(w.ns("time-wait", 60_000))
                .lingerNs(w.ns("linger", 60_000))
                .timeouts(w.ns("syn-timeout", 180_000), w.ns("rexmt-timeout", 900_000))
                .initialWindowSegments((int) w.number("iw", 10))
                .challengeAcksPerSecond((int) w.number("challenge", 10))
                .totalChallengeAcksPerSecond((int) w.number("total-challenge", 1000))
                .pools(2, 2);
        if (words.containsKey("keepalive")) {
            String[] parts = words.get("keepalive").split("/", -1);
            builder.keepalive(Long.parseLong(parts[0]) * MS, Long.parseLong(parts[1]) * MS, Integer.parseInt(parts[2]));
        }
        return new ScriptConfig(
                builder.build(),
                (int) w.number("mss", 1_000),
                (int) w.number("iss", 0xFFFF_FE00L),
                (int) w.number("irs", 0xFFFF_FF00L),
                (int) w.number("family", 4),
                w.number("grant", 40_000),
                (int) w.number("peer-mss", 1_000),
                (int) w.number("peer-scale", 2),
                (int) w.number("window", 60_000),
                timestamps,
                w.ns("rtt", 100),
                w.ns("start", 10_000));
    }

    private record Words(Map<String, String> words) {
        boolean flag(String name) {
            return switch (words.getOrDefault(name, "off")) {
                case "on" -> true;
                case "off" -> false;
                default -> throw new IllegalArgumentException("config " + name + " is on or off");
            };
        }

        long number(String name, long otherwise) {
            return words.containsKey(name) ? Long.decode(words.get(name)) : otherwise;
        }

        long ns(String name, long otherwiseMs) {
            return number(name, otherwiseMs) * MS;
        }
    }
}
