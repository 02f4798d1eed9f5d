package dev.toehold.tcp;

/** Path MTU discovery as far as a connection goes (RFC 1191, RFC 8201): what a router said, within reason. */
final class PathMtu {
    /** Below this a router lies or attacks (RFC 5927 section 7): Ethernet's ancestors carried 576. */
    private static final int MIN_IPV4 = 552;

    /** RFC 8201 section 4. */
    private static final int MIN_IPV6 = 1280;

    private static final int IPV4_AND_TCP = 40;
    private static final int IPV6_AND_TCP = 60;

    private PathMtu() {}

    /** True = segments must be smaller from now on. An MTU of 0 (an old router) or one that is too small counts as the least. */
    static boolean reduce(Tcb tcb, int mtu) {
        boolean ipv6 = tcb.family() == 6;
        int pmtu = Math.max(mtu, ipv6 ? MIN_IPV6 : MIN_IPV4);
        int current = tcb.sndMss() + (ipv6 ? IPV6_AND_TCP : IPV4_AND_TCP);
        if (pmtu >= current) {
            return false;
        }
        tcb.pmtu(pmtu);
        MaximumSegment.update(tcb);
        return true;
    }
}
