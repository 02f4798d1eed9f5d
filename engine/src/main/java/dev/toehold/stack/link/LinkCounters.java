package dev.toehold.stack.link;

/** What the link layer of an lcore counts; written by that lcore only. */
public final class LinkCounters {
    public static final int ARP_REQUESTS_IN = 0;
    public static final int ARP_REPLIES_IN = 1;
    public static final int ARP_OUT = 2;
    public static final int NDP_IN = 3;
    public static final int NDP_OUT = 4;
    public static final int NDP_INVALID = 5;
    public static final int ECHO_REQUESTS = 6;
    public static final int ECHO_REPLIES = 7;
    public static final int ICMP_ERRORS = 8;
    public static final int ICMP_IGNORED = 9;
    public static final int NEIGHBORS_EVICTED = 10;
    public static final int NEIGHBORS_UNREACHABLE = 11;
    public static final int ADDRESS_CONFLICTS = 12;
    public static final int NO_BUFFER = 13;
    public static final int MLD_REPORTS = 14;
    public static final int ICMP_ERRORS_OUT = 15;
    public static final int ICMP_LIMITED = 16;

    private static final String[] NAMES = {
        "link.arp.requests.in",
        "link.arp.replies.in",
        "link.arp.out",
        "link.ndp.in",
        "link.ndp.out",
        "link.ndp.invalid",
        "link.echo.requests",
        "link.echo.replies",
        "link.icmp.errors",
        "link.icmp.ignored",
        "link.neighbors.evicted",
        "link.neighbors.unreachable",
        "link.address.conflicts",
        "link.no.buffer",
        "link.mld.reports",
        "link.icmp.errors.out",
        "link.icmp.limited"
    };

    public static final int COUNT = NAMES.length;

    private final long[] values = new long[COUNT];

    /** Name of a counter. */
    public static String name(int counter) {
        return NAMES[counter];
    }

    public long get(int counter) {
        return values[counter];
    }

    void increment(int counter) {
        values[counter]++;
    }
}
