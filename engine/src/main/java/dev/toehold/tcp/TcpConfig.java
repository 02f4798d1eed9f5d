package dev.toehold.tcp;

/**
 * What the core can be told, checked once. Times in ns.
 *
 * @param minRtoNs least retransmission timeout; RFC 6298 (2.4) says 1 s, the Internet lives with 200 ms
 * @param maxRtoNs ceiling of the backed-off timeout, at least 60 s (RFC 6298 (2.5))
 * @param initialRtoNs before the first sample (RFC 6298 (2.1))
 * @param delayedAckNs an ACK waits at most this long, below 500 ms (RFC 9293 MUST-40)
 * @param timeWaitNs 2 MSL
 * @param lingerNs how long a connection that the application gave up may stay in FIN-WAIT-2
 * @param synTimeoutNs R2 for a SYN, at least 3 minutes (RFC 9293 MUST-23)
 * @param retransmitTimeoutNs R2 for data, at least 100 s (RFC 9293 SHLD-11)
 * @param initialWindowSegments RFC 6928
 * @param keepaliveIdleNs before the first probe, at least 2 hours by default (RFC 9293 MUST-28)
 * @param keepaliveIntervalNs between probes
 * @param keepaliveProbes unanswered probes that end the connection
 * @param congestionControl RFC 9438 or RFC 5681
 * @param sack offer and accept SACK (RFC 2018)
 * @param timestamps offer and accept timestamps (RFC 7323)
 * @param receiveWindowScale shift that we offer, 0 to 14; -1 = do not offer window scaling
 * @param ecn whether ECN (RFC 3168) is offered, or accepted where the peer offers it
 * @param reassemblySlots connections that can have bytes out of order at a time
 * @param scoreboardSlots connections that can track SACKed segments at a time
 * @param challengeAcksPerSecond per connection (RFC 5961 section 7)
 * @param totalChallengeAcksPerSecond of all connections of a core; the limit that holds in a second lies between half of it and all of it
 * @param synCookies answer with cookies (RFC 4987) when there is no room for another half-open connection
 * @param userTimeoutOption send and take the option of RFC 5482
 * @param hopLimit of packets, time to live in IPv4 (RFC 9293 MUST-49)
 */
public record TcpConfig(
        long minRtoNs,
        long maxRtoNs,
        long initialRtoNs,
        long delayedAckNs,
        long timeWaitNs,
        long lingerNs,
        long synTimeoutNs,
        long retransmitTimeoutNs,
        int initialWindowSegments,
        long keepaliveIdleNs,
        long keepaliveIntervalNs,
        int keepaliveProbes,
        CongestionAlgorithm congestionControl,
        boolean sack,
        boolean timestamps,
        int receiveWindowScale,
        EcnMode ecn,
        int reassemblySlots,
        int scoreboardSlots,
        int challengeAcksPerSecond,
        int totalChallengeAcksPerSecond,
        boolean synCookies,
        boolean userTimeoutOption,
        int hopLimit) {
    /** The controllers by the names that a configuration uses. */
    public enum CongestionAlgorithm {
        CUBIC,
        RENO
    }

    /** What to do about ECN. */
    public enum EcnMode {
        OFF,
        /** Where the peer's SYN asks for it. */
        ACCEPT,
        /** In our own SYNs too. */
        OFFER
    }

    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    public TcpConfig {
        check("minRtoNs", minRtoNs, MS, 60 * SECOND);
        check("maxRtoNs", maxRtoNs, Math.max(minRtoNs, SECOND), 240 * SECOND);
        check("initialRtoNs", initialRtoNs, minRtoNs, maxRtoNs);
        check("delayedAckNs", delayedAckNs, 0, 500 * MS);
        check("timeWaitNs", timeWaitNs, 0, 480 * SECOND);
        check("lingerNs", lingerNs, 0, 3600 * SECOND);
        check("synTimeoutNs", synTimeoutNs, SECOND, 3600 * SECOND);
        check("retransmitTimeoutNs", retransmitTimeoutNs, SECOND, 86_400 * SECOND);
        check("initialWindowSegments", initialWindowSegments, 1, 10);
        check("keepaliveIdleNs", keepaliveIdleNs, SECOND, 86_400 * SECOND);
        check("keepaliveIntervalNs", keepaliveIntervalNs, SECOND, 86_400 * SECOND);
        check("keepaliveProbes", keepaliveProbes, 1, 100);
        check("receiveWindowScale", receiveWindowScale, -1, 14);
        check("reassemblySlots", reassemblySlots, 1, 1 << 20);
        check("scoreboardSlots", scoreboardSlots, 1, 1 << 20);
        check("challengeAcksPerSecond", challengeAcksPerSecond, 1, 250);
        check("totalChallengeAcksPerSecond", totalChallengeAcksPerSecond, 2, 1_000_000);
        check("hopLimit", hopLimit, 1, 255);
    }

    public static TcpConfig defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + "=" + value + " must be from " + min + " to " + max);
        }
    }

    /** Starts at the defaults. */
    public static final class Builder {
        private long minRtoNs = 200 * MS;
        private long maxRtoNs = 120 * SECOND;
        private long initialRtoNs = SECOND;
        private long delayedAckNs = 40 * MS;
        private long timeWaitNs = 60 * SECOND;
        private long lingerNs = 60 * SECOND;
        private long synTimeoutNs = 180 * SECOND;
        private long retransmitTimeoutNs = 900 * SECOND;
        private int initialWindowSegments = 10;
        private long keepaliveIdleNs = 7200 * SECOND;
        private long keepaliveIntervalNs = 75 * SECOND;
        private int keepaliveProbes = 9;
        private CongestionAlgorithm congestionControl = CongestionAlgorithm.CUBIC;
        private boolean sack = true;
        private boolean timestamps = true;
        private int receiveWindowScale = 7;
        private EcnMode ecn = EcnMode.ACCEPT;
        private int reassemblySlots = 4096;
        private int scoreboardSlots = 4096;
        private int challengeAcksPerSecond = 10;
        private int totalChallengeAcksPerSecond = 1000;
        private boolean synCookies = true;
        private boolean userTimeoutOption;
        private int hopLimit = 64;

        private Builder() {}

        public Builder rto(long minNs, long initialNs, long maxNs) {
            minRtoNs = minNs;
            initialRtoNs = initialNs;
            maxRtoNs = maxNs;
            return this;
        }

        public Builder delayedAckNs(long value) {
            delayedAckNs = value;
            return this;
        }

        public Builder timeWaitNs(long value) {
            timeWaitNs = value;
            return this;
        }

        public Builder lingerNs(long value) {
            lingerNs = value;
            return this;
        }

        public Builder timeouts(long synNs, long retransmitNs) {
            synTimeoutNs = synNs;
            retransmitTimeoutNs = retransmitNs;
            return this;
        }

        public Builder initialWindowSegments(int value) {
            initialWindowSegments = value;
            return this;
        }

        public Builder keepalive(long idleNs, long intervalNs, int probes) {
            keepaliveIdleNs = idleNs;
            keepaliveIntervalNs = intervalNs;
            keepaliveProbes = probes;
            return this;
        }

        public Builder congestionControl(CongestionAlgorithm value) {
            congestionControl = value;
            return this;
        }

        public Builder sack(boolean value) {
            sack = value;
            return this;
        }

        public Builder timestamps(boolean value) {
            timestamps = value;
            return this;
        }

        public Builder receiveWindowScale(int value) {
            receiveWindowScale = value;
            return this;
        }

        public Builder ecn(EcnMode value) {
            ecn = value;
            return this;
        }

        public Builder pools(int reassembly, int scoreboards) {
            reassemblySlots = reassembly;
            scoreboardSlots = scoreboards;
            return this;
        }

        public Builder challengeAcksPerSecond(int value) {
            challengeAcksPerSecond = value;
            return this;
        }

        public Builder totalChallengeAcksPerSecond(int value) {
            totalChallengeAcksPerSecond = value;
            return this;
        }

        public Builder synCookies(boolean value) {
            synCookies = value;
            return this;
        }

        public Builder userTimeoutOption(boolean value) {
            userTimeoutOption = value;
            return this;
        }

        public Builder hopLimit(int value) {
            hopLimit = value;
            return this;
        }

        public TcpConfig build() {
            return new TcpConfig(
                    minRtoNs,
                    maxRtoNs,
                    initialRtoNs,
                    delayedAckNs,
                    timeWaitNs,
                    lingerNs,
                    synTimeoutNs,
                    retransmitTimeoutNs,
                    initialWindowSegments,
                    keepaliveIdleNs,
                    keepaliveIntervalNs,
                    keepaliveProbes,
                    congestionControl,
                    sack,
                    timestamps,
                    receiveWindowScale,
                    ecn,
                    reassemblySlots,
                    scoreboardSlots,
                    challengeAcksPerSecond,
                    totalChallengeAcksPerSecond,
                    synCookies,
                    userTimeoutOption,
                    hopLimit);
        }
    }
}
