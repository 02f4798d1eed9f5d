package dev.toehold.tcp;

import dev.toehold.net.TcpOptions;

/** What fits in a segment: RFC 9293 section 3.7.1 and RFC 6691. MSS options never count options; what we send must. */
final class MaximumSegment {
    /** RFC 9293 MUST-15: what to assume where the peer's SYN has no MSS option. */
    private static final int DEFAULT_IPV4 = 536;

    private static final int DEFAULT_IPV6 = 1220;

    /** Below this an MSS is an attack. Every host takes more (RFC 791: datagrams of 576 bytes), and all options fit with some text. */
    private static final int MIN = 48;

    private static final int IPV4_AND_TCP = 40;
    private static final int IPV6_AND_TCP = 60;
    private static final int TIMESTAMPS_LENGTH = 12;

    private MaximumSegment() {}

    static int defaultMss(int family) {
        return family == 6 ? DEFAULT_IPV6 : DEFAULT_IPV4;
    }

    static int offered(Segment syn, int family) {
        TcpOptions options = syn.options;
        return options.has(TcpOptions.HAS_MSS) && options.mss() > 0 ? options.mss() : defaultMss(family);
    }

    /** Eff.snd.MSS without options: the least of the peer's MSS, our own, and what the path takes. */
    static void update(Tcb tcb) {
        int mss = Math.max(MIN, Math.min(tcb.peerMss(), tcb.ourMss()));
        if (tcb.pmtu() != 0) {
            int headers = tcb.family() == 6 ? IPV6_AND_TCP : IPV4_AND_TCP;
            mss = Math.max(MIN, Math.min(mss, tcb.pmtu() - headers));
        }
        tcb.sndMss(mss);
    }

    /** Payload of a full-sized segment that carries nothing but timestamps. */
    static int payload(Tcb tcb) {
        return tcb.has(TcbFlags.TIMESTAMPS) ? tcb.sndMss() - TIMESTAMPS_LENGTH : tcb.sndMss();
    }
}
