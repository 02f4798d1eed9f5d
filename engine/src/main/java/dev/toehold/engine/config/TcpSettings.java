package dev.toehold.engine.config;

import dev.toehold.tcp.TcpConfig;
import dev.toehold.tcp.TcpConfig.CongestionAlgorithm;
import dev.toehold.tcp.TcpConfig.EcnMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Table {@code [tcp]}. */
public record TcpSettings(
        @Setting(ifAbsent = "\"cubic\"", meaning = "Congestion control of new connections: RFC 9438 or RFC 5681.")
        CongestionAlgorithm congestionControl,

        @Setting(
                ifAbsent = "\"200ms\"",
                min = Setting.MS,
                max = 60 * Setting.SECOND,
                meaning = "Least retransmission timeout (RFC 6298 (2.4) says 1s; the Internet lives with 200ms).")
        Duration minRto,

        @Setting(
                ifAbsent = "\"40ms\"",
                max = 500 * Setting.MS,
                meaning = "Longest that an ACK waits for company (RFC 9293 section 3.8.6.3).")
        Duration delayedAck,

        @Setting(
                ifAbsent = "\"60s\"",
                max = 480 * Setting.SECOND,
                meaning = "TIME-WAIT, twice the maximum segment lifetime (RFC 9293 section 3.4.2).")
        Duration timeWait,

        @Setting(
                ifAbsent = "\"60s\"",
                max = 3600 * Setting.SECOND,
                meaning =
                        "How long the engine goes on to deliver what a client sent before it closed a connection or exited.")
        Duration linger,

        @Setting(
                ifAbsent = "\"900s\"",
                min = Setting.SECOND,
                max = 86_400 * Setting.SECOND,
                meaning =
                        "A connection whose data the peer has not acknowledged for so long is given up; RFC 9293 section"
                                + " 3.8.3 asks for at least 100s.")
        Duration retransmitTimeout,

        @Setting(ifAbsent = "true", meaning = "Offer and accept selective acknowledgements (RFC 2018).")
        boolean sack,

        @Setting(ifAbsent = "true", meaning = "Offer and accept timestamps (RFC 7323).")
        boolean timestamps,

        @Setting(
                ifAbsent = "\"accept\"",
                meaning =
                        "Explicit congestion notification (RFC 3168): accept uses it where the peer asks for it, offer"
                                + " asks for it too.")
        EcnMode ecn,

        @Setting(
                ifAbsent = "true",
                meaning =
                        "Answer SYNs with cookies (RFC 4987) while a listener's backlog or half of all connections are"
                                + " half-open; false drops them.")
        boolean synCookies,

        @Setting(
                ifAbsent = "false",
                meaning =
                        "Send and take the user timeout option (RFC 5482): both sides keep a connection for as long as"
                                + " the longer of their timeouts, at most one hour.")
        boolean userTimeoutOption,

        @Setting(
                ifAbsent = "64",
                min = 1,
                max = 255,
                meaning = "Hop limit, or time to live, of the packets that carry TCP (RFC 9293 section 3.9.2).")
        int hopLimit,

        @Setting(
                ifAbsent = "\"7200s\"",
                min = Setting.SECOND,
                max = 86_400 * Setting.SECOND,
                meaning = "Quiet time before the first keepalive probe of a connection whose client asked for them"
                        + " (RFC 9293 section 3.8.4).")
        Duration keepaliveIdle,

        @Setting(
                ifAbsent = "\"75s\"",
                min = Setting.SECOND,
                max = 86_400 * Setting.SECOND,
                meaning = "Time between keepalive probes.")
        Duration keepaliveInterval,

        @Setting(
                ifAbsent = "9",
                min = 1,
                max = 100,
                meaning = "Keepalive probes without an answer that end a connection.")
        int keepaliveProbes,

        @Setting(
                ifAbsent = "\"auto\"",
                meaning =
                        "What a new connection is taken for: auto judges by the bytes that come and go in turns; a client may say otherwise"
                                + " of each of its own. It steers delayed ACKs, completions, wake-ups and who places payload.")
        Characteristic characteristic) {

    /** Names of all congestion controllers, as written in the configuration; first the one of new connections. */
    public List<String> congestionControllers() {
        List<String> names = new ArrayList<>(List.of(SettingType.nameOf(congestionControl)));
        for (CongestionAlgorithm other : CongestionAlgorithm.values()) {
            if (other != congestionControl) {
                names.add(SettingType.nameOf(other));
            }
        }
        return names;
    }

    /** As the TCP core takes it; what has no key keeps the core's default. */
    public TcpConfig toTcpConfig() {
        TcpConfig defaults = TcpConfig.defaults();
        long minRtoNs = minRto.toNanos();
        return TcpConfig.builder()
                .congestionControl(congestionControl)
                .rto(minRtoNs, Math.max(minRtoNs, defaults.initialRtoNs()), Math.max(minRtoNs, defaults.maxRtoNs()))
                .delayedAckNs(delayedAck.toNanos())
                .timeWaitNs(timeWait.toNanos())
                .lingerNs(linger.toNanos())
                .timeouts(defaults.synTimeoutNs(), retransmitTimeout.toNanos())
                .sack(sack)
                .timestamps(timestamps)
                .ecn(ecn)
                .synCookies(synCookies)
                .userTimeoutOption(userTimeoutOption)
                .hopLimit(hopLimit)
                .keepalive(keepaliveIdle.toNanos(), keepaliveInterval.toNanos(), keepaliveProbes)
                .build();
    }
}
