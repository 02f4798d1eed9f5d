package dev.toehold.engine.config;

import dev.toehold.tcp.TcpConfig;
import dev.toehold.tcp.TcpConfig.CongestionAlgorithm;
import java.time.Duration;

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
        boolean timestamps) {

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
                .build();
    }
}
