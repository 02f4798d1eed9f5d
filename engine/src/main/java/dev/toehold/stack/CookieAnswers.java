package dev.toehold.stack;

import dev.toehold.net.ParsedPacket;
import dev.toehold.net.SipHash;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.SynCookies;
import dev.toehold.tcp.TcpCore;
import dev.toehold.tcp.TxSegment;

/**
 * SYN cookies of one lcore: what answers a SYN that finds no room for a half-open connection, and what recognises the ACK of such an answer
 * (RFC 4987 section 3.6). Nothing is kept in between.
 */
final class CookieAnswers {
    /** A cookie is good for less than this; who never sent one in this time need not look at ACKs, and cannot be guessed at. */
    private static final long LIFE_NS = 128_000_000_000L;

    private final boolean isOn;
    private final SynCookies cookies;
    private final InitialSequenceNumbers sequenceNumbers;
    private final Transmitter transmitter;
    private final StackCounters counters;
    private final TxSegment answer = new TxSegment();
    private long lastSentNs;

    /** Cookies of an earlier engine, made with the same keys, are good too. */
    CookieAnswers(
            boolean isOn,
            StateFile file,
            InitialSequenceNumbers sequenceNumbers,
            Transmitter transmitter,
            StackCounters counters,
            long nowNs) {
        this.isOn = isOn;
        this.sequenceNumbers = sequenceNumbers;
        this.transmitter = transmitter;
        this.counters = counters;
        long key0 = file.cookieKey(0);
        long key1 = file.cookieKey(1);
        cookies = new SynCookies(new SipHash(2, 4, key0, key1), new SipHash(2, 4, ~key0, key1));
        lastSentNs = nowNs;
    }

    boolean isOn() {
        return isOn;
    }

    /**
     * Answers a SYN.
     *
     * @param ourMss MSS option to send
     * @param window 0 to 65,535, unscaled
     */
    void send(TcpCore core, ParsedPacket packet, Segment syn, int ourMss, int window, long nowNs) {
        lastSentNs = nowNs;
        counters.increment(StackCounters.COOKIES_SENT);
        int cookie = cookies.encode(
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationHi(),
                packet.destinationLo(),
                ports(packet),
                syn.seq,
                TcpCore.offeredMss(syn, packet.family()),
                nowNs);
        long f = sequenceNumbers.hash(
                packet.destinationHi(),
                packet.destinationLo(),
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationPort(),
                packet.sourcePort());
        core.answerWithCookie(syn, answer, cookie, ourMss, window, InitialSequenceNumbers.timestampOffset(f), nowNs);
        transmitter.transmitUnbound(
                answer,
                packet.destinationHi(),
                packet.destinationLo(),
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationPort(),
                packet.sourcePort(),
                nowNs);
    }

    /** The MSS that the cookie in an ACK holds, or -1 if there is no cookie in it that is still good. */
    int decode(ParsedPacket packet, Segment ack, long nowNs) {
        if (!isOn || nowNs - lastSentNs > LIFE_NS) {
            return -1;
        }
        int mss = cookies.decode(
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationHi(),
                packet.destinationLo(),
                ports(packet),
                ack.seq - 1,
                ack.ack - 1,
                nowNs);
        counters.increment(mss < 0 ? StackCounters.COOKIES_REFUSED : StackCounters.COOKIES_ACCEPTED);
        return mss;
    }

    private static int ports(ParsedPacket packet) {
        return (packet.sourcePort() << 16) | packet.destinationPort();
    }
}
