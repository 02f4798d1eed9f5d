package dev.toehold.tcp;

import dev.toehold.net.MtuPlateaus;

/**
 * Path MTU discovery as far as a connection goes. Routers lower it (RFC 1191, RFC 8201), within reason (RFC 5927 section 7); where they are silent, repeated
 * timeouts of full-sized segments do (RFC 4821 section 7.7); and after {@link #RAISE_MINUTES} without either it is what the port takes again
 * (RFC 1191 section 6.3, RFC 8201 section 4).
 */
final class PathMtu {
    /** Below this a router lies or attacks (RFC 5927 section 7): Ethernet's ancestors carried 576. */
    static final int MIN_IPV4 = 552;

    /** RFC 8201 section 4. */
    static final int MIN_IPV6 = 1280;

    /** Recommended by RFC 1191 and RFC 8201; at least 5. */
    static final int RAISE_MINUTES = 10;

    /** Timeouts in a row that make a black hole likelier than loss; each further one lowers the MTU again. */
    static final int BLACK_HOLE_TIMEOUTS = 3;

    private static final int IPV4_AND_TCP = 40;
    private static final int IPV6_AND_TCP = 60;
    private static final long NS_PER_MINUTE = 60_000_000_000L;

    private PathMtu() {}

    /** A router says what fits. True = segments must be smaller from now on. What is too small to be true counts as the least. */
    static boolean reduce(Tcb tcb, int mtu, long nowNs) {
        int pmtu = Math.max(mtu, least(tcb));
        if (pmtu >= tcb.sndMss() + headers(tcb)) {
            return false;
        }
        set(tcb, pmtu, nowNs);
        return true;
    }

    /**
     * The same segment timed out {@code backoff} times. True = it was full-sized, and the next attempts are smaller: its size may be what kills
     * it.
     *
     * @param length of its text
     * @param fullLength of a full-sized segment's
     */
    static boolean onTimeout(Tcb tcb, int length, int fullLength, long nowNs) {
        int current = tcb.sndMss() + headers(tcb);
        if (length < fullLength || current <= least(tcb) || tcb.backoff() < BLACK_HOLE_TIMEOUTS) {
            return false;
        }
        set(tcb, Math.max(MtuPlateaus.below(current), least(tcb)), nowNs);
        return true;
    }

    /** Before new text leaves: forgets an MTU that was learnt long ago. */
    static void raiseIfOld(Tcb tcb, long nowNs) {
        int portMtu = tcb.ourMss() + headers(tcb);
        if (tcb.pmtu() != 0 && tcb.pmtu() < portMtu && ((minute(nowNs) - tcb.pmtuMinute()) & 0xFFFF) > RAISE_MINUTES) {
            set(tcb, portMtu, nowNs);
        }
    }

    private static void set(Tcb tcb, int pmtu, long nowNs) {
        tcb.pmtu(pmtu);
        tcb.pmtuMinute(minute(nowNs));
        MaximumSegment.update(tcb);
    }

    private static int minute(long nowNs) {
        return (int) (nowNs / NS_PER_MINUTE) & 0xFFFF;
    }

    private static int least(Tcb tcb) {
        return tcb.family() == 6 ? MIN_IPV6 : MIN_IPV4;
    }

    private static int headers(Tcb tcb) {
        return tcb.family() == 6 ? IPV6_AND_TCP : IPV4_AND_TCP;
    }
}
