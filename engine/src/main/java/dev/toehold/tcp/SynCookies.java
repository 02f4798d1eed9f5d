package dev.toehold.tcp;

import dev.toehold.net.SipHash;

/**
 * SYN cookies (RFC 4987 section 3.6): the initial sequence number of a SYN,ACK that needs no record. The ACK that returns it proves that
 * the SYN was real, and says which MSS it offered. Window scale, SACK and ECN are agreed on only beside timestamps, which keep them ({@link CookieTimestamp}).
 *
 * <pre>
 *   cookie = H1(tuple) + irs + (count &lt;&lt; 24) + ((H2(tuple, count) + mssIndex) mod 2^24)
 * </pre>
 *
 * {@code count} moves every 64 seconds; a cookie is good for the count in which it was made and the one after.
 */
public final class SynCookies {
    private static final long PERIOD_NS = 64_000_000_000L;
    private static final int MAX_AGE = 1;
    private static final int LOW_24 = 0xFF_FFFF;
    private static final int[] MSS = {64, 536, 966, 1220, 1300, 1440, 1460, 8940};

    private final SipHash first;
    private final SipHash second;

    /** Two hashes under different keys, of this thread alone; the keys are in the state file, so that cookies outlive a restart. */
    public SynCookies(SipHash first, SipHash second) {
        this.first = first;
        this.second = second;
    }

    /**
     * The iss for the answer to a SYN.
     *
     * @param tcpPorts remote port in the high half, local port in the low one
     * @param irs sequence number of the SYN
     * @param mss that the SYN offered, or the default
     */
    public int encode(
            long remoteHigh,
            long remoteLow,
            long localHigh,
            long localLow,
            int tcpPorts,
            int irs,
            int mss,
            long nowNs) {
        int count = (int) (nowNs / PERIOD_NS);
        int low = blind(remoteHigh, remoteLow, localHigh, localLow, tcpPorts, count) + index(mss);
        return (int) first.hash(remoteHigh, remoteLow, localHigh, localLow, tcpPorts)
                + irs
                + (count << 24)
                + (low & LOW_24);
    }

    /**
     * The MSS that an ACK's cookie holds.
     *
     * @param irs SEG.SEQ - 1 of the ACK
     * @param cookie SEG.ACK - 1 of the ACK
     * @return -1 = this is no cookie of ours, or it is too old
     */
    public int decode(
            long remoteHigh,
            long remoteLow,
            long localHigh,
            long localLow,
            int tcpPorts,
            int irs,
            int cookie,
            long nowNs) {
        int now = (int) (nowNs / PERIOD_NS);
        int rest = cookie - (int) first.hash(remoteHigh, remoteLow, localHigh, localLow, tcpPorts) - irs;
        int age = (now - (rest >>> 24)) & 0xFF;
        if (age > MAX_AGE) {
            return -1;
        }
        int index = (rest - blind(remoteHigh, remoteLow, localHigh, localLow, tcpPorts, now - age)) & LOW_24;
        return index < MSS.length ? MSS[index] : -1;
    }

    private int blind(long remoteHigh, long remoteLow, long localHigh, long localLow, int tcpPorts, int count) {
        long portsAndCount = ((long) tcpPorts << 32) | (count & 0xFFFF_FFFFL);
        return (int) second.hash(remoteHigh, remoteLow, localHigh, localLow, portsAndCount);
    }

    /** The largest of the table that is not larger. */
    private static int index(int mss) {
        int index = 0;
        while (index + 1 < MSS.length && MSS[index + 1] <= mss) {
            index++;
        }
        return index;
    }
}
