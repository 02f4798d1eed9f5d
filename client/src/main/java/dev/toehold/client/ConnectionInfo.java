package dev.toehold.client;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a connection in the engine at one moment: what {@code tcp_info} tells of a kernel connection and more. Made by
 * {@link Connection#info}, which costs a round trip to the engine's control thread and nothing on its fast path.
 *
 * <p>What an older engine does not tell reads as 0, false, an empty string or an absent value; what a newer one tells beyond this class is in
 * {@link #fields}.
 */
public final class ConnectionInfo {
    private final Map<String, String> fields;

    private ConnectionInfo(Map<String, String> fields) {
        this.fields = fields;
    }

    /** @throws IllegalArgumentException if it is no JSON object */
    static ConnectionInfo parse(String json) {
        return new ConnectionInfo(Map.copyOf(FlatJson.parse(json)));
    }

    /** Everything as the engine wrote it, by the names of {@code toehold connections ID --format json}. */
    public Map<String, String> fields() {
        return fields;
    }

    /** TCP state (RFC 9293 section 3.3.2), such as {@code ESTABLISHED}. */
    public String state() {
        return fields.getOrDefault("state", "");
    }

    /** Whether the record stood still while it was read; otherwise fields may be of two moments. */
    public boolean consistent() {
        return Boolean.parseBoolean(fields.get("consistent"));
    }

    /** {@code active} or {@code passive}. */
    public String opener() {
        return fields.getOrDefault("opener", "");
    }

    /** Since the connection was opened, to the second. */
    public Duration age() {
        return Duration.ofNanos(number("ageNs"));
    }

    /** Both sides take selective acknowledgments (RFC 2018). */
    public boolean sack() {
        return Boolean.parseBoolean(fields.get("sack"));
    }

    /** Segments carry timestamps (RFC 7323). */
    public boolean timestamps() {
        return Boolean.parseBoolean(fields.get("timestamps"));
    }

    /** Windows are scaled (RFC 7323). */
    public boolean windowScaling() {
        return Boolean.parseBoolean(fields.get("windowScaling"));
    }

    /** Congestion is notified explicitly (RFC 3168). */
    public boolean ecn() {
        return Boolean.parseBoolean(fields.get("ecn"));
    }

    /** Shift of the windows that the peer sends. */
    public int sndWscale() {
        return (int) number("sndWscale");
    }

    /** Shift of the windows that the engine sends. */
    public int rcvWscale() {
        return (int) number("rcvWscale");
    }

    /** MSS option of the peer, or the default of RFC 9293, in bytes. */
    public int peerMss() {
        return (int) number("peerMss");
    }

    /** MSS option of the engine, in bytes. */
    public int ourMss() {
        return (int) number("ourMss");
    }

    /** Largest segment that is sent, TCP options included, in bytes. */
    public int sndMss() {
        return (int) number("sndMss");
    }

    /** Largest payload seen of the peer, in bytes. */
    public int rcvMss() {
        return (int) number("rcvMss");
    }

    /** MTU of the path as far as known, in bytes. */
    public int pmtu() {
        return (int) number("pmtu");
    }

    /** SRTT (RFC 6298), zero before the first sample. */
    public Duration rtt() {
        return Duration.ofNanos(number("rttNs"));
    }

    /** RTTVAR (RFC 6298). */
    public Duration rttVar() {
        return Duration.ofNanos(number("rttVarNs"));
    }

    /** Least round trip seen. */
    public Duration minRtt() {
        return Duration.ofNanos(number("minRttNs"));
    }

    /** Retransmission timeout without backoff. */
    public Duration rto() {
        return Duration.ofNanos(number("rto"));
    }

    /** Consecutive retransmission timeouts. */
    public int backoff() {
        return (int) number("backoff");
    }

    /** {@code cubic} or {@code reno}. */
    public String congestionControl() {
        return fields.getOrDefault("congestionControl", "");
    }

    /** {@code slow-start}, {@code conservative-slow-start} (RFC 9406), {@code congestion-avoidance} or {@code recovery}. */
    public String congestionPhase() {
        return fields.getOrDefault("congestionPhase", "");
    }

    /** {@code open}, {@code recovery}, or {@code loss} after a retransmission timeout. */
    public String recoveryPhase() {
        return fields.getOrDefault("recoveryPhase", "");
    }

    /** Congestion window in bytes. */
    public long cwnd() {
        return number("cwnd");
    }

    /** Slow start threshold in bytes; 2^31 - 1 = none yet. */
    public long ssthresh() {
        return number("ssthresh");
    }

    /** The path reorders segments (RFC 8985). */
    public boolean reorderingSeen() {
        return Boolean.parseBoolean(fields.get("reorderingSeen"));
    }

    /** Segments that were sent again. */
    public long retransmits() {
        return number("retransmits");
    }

    /** Retransmission timeouts so far, 65,535 at most. */
    public long timeouts() {
        return number("timeouts");
    }

    /** ACKs that reported a duplicate (RFC 2883), 65,535 at most. */
    public long dsacks() {
        return number("dsacks");
    }

    /** Segments that arrived out of order. */
    public long outOfOrderIn() {
        return number("outOfOrderIn");
    }

    /** Segments received. */
    public long segmentsIn() {
        return number("segmentsIn");
    }

    /** Segments sent. */
    public long segmentsOut() {
        return number("segmentsOut");
    }

    /** Text sent, retransmissions included. */
    public long sentBytes() {
        return number("sentBytes");
    }

    /** Text that was sent again. */
    public long retransmittedBytes() {
        return number("retransmittedBytes");
    }

    /** Text that the peer acknowledged. */
    public long ackedBytes() {
        return number("ackedBytes");
    }

    /** Text received in order. */
    public long receivedBytes() {
        return number("receivedBytes");
    }

    /** Text placed in memory, out of order included. */
    public long placedBytes() {
        return number("placedBytes");
    }

    /** Submitted and never sent. */
    public long unsentBytes() {
        return number("unsentBytes");
    }

    /** Sent and not acknowledged. */
    public long inFlightBytes() {
        return number("inFlightBytes");
    }

    /** What the peer takes beyond its last acknowledgment, in bytes. */
    public long sndWnd() {
        return number("sndWnd");
    }

    /** What the peer may still send, in bytes. */
    public long rcvWnd() {
        return number("rcvWnd");
    }

    /** Stream position up to which the peer may send. */
    public long rcvEdge() {
        return number("rcvEdge");
    }

    /** RECEIVEs outstanding. */
    public int postedReceives() {
        return (int) number("postedReceives");
    }

    /** In provided buffers that the application has and did not consume. */
    public long unconsumedBytes() {
        return number("unconsumedBytes");
    }

    /** {@code interactive}, {@code bulk} or {@code idle}: how the engine treats the connection. */
    public String characteristic() {
        return fields.getOrDefault("characteristic", "");
    }

    /** Why {@link #characteristic} is what it is. */
    public String characteristicReason() {
        return fields.getOrDefault("characteristicReason", "");
    }

    /** Since the last segment left; modulo 49 days. */
    public Duration sinceLastSent() {
        return Duration.ofNanos(number("lastSentNs"));
    }

    /** Since the last acceptable segment came. */
    public Duration sinceLastReceived() {
        return Duration.ofNanos(number("lastReceivedNs"));
    }

    /** Time left to the retransmission timeout. */
    public Optional<Duration> retransmissionIn() {
        return left("retransmissionInNs");
    }

    /** Time left to the next window probe. */
    public Optional<Duration> persistIn() {
        return left("persistInNs");
    }

    /** Time left until RACK looks again. */
    public Optional<Duration> reorderingIn() {
        return left("reorderingInNs");
    }

    /** Time left to the tail loss probe. */
    public Optional<Duration> probeIn() {
        return left("probeInNs");
    }

    /** Time left to a delayed ACK. */
    public Optional<Duration> delayedAckIn() {
        return left("delayedAckInNs");
    }

    /** Time left to the next keepalive probe. */
    public Optional<Duration> keepaliveIn() {
        return left("keepaliveInNs");
    }

    /** Time left in TIME-WAIT or of lingering. */
    public Optional<Duration> timeWaitIn() {
        return left("timeWaitInNs");
    }

    private long number(String name) {
        return Long.parseLong(fields.getOrDefault(name, "0"));
    }

    private Optional<Duration> left(String name) {
        return fields.containsKey(name) ? Optional.of(Duration.ofNanos(number(name))) : Optional.empty();
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
