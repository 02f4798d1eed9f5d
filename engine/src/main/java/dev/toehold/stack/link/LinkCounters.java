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

    /** Name and meaning of each, in the order of their numbers. */
    private static final String[][] CATALOGUE = {
        {"link.arp.requests.in", "ARP requests"},
        {"link.arp.replies.in", "ARP replies"},
        {"link.arp.out", "ARP sent"},
        {"link.ndp.in", "NDP messages"},
        {"link.ndp.out", "NDP sent"},
        {"link.ndp.invalid", "NDP messages that RFC 4861 says to ignore"},
        {"link.echo.requests", "pings"},
        {"link.echo.replies", "pings answered"},
        {"link.icmp.errors", "ICMP errors about our packets"},
        {"link.icmp.ignored", "ICMP messages of no use"},
        {"link.neighbors.evicted", "neighbours forgotten to make room for others"},
        {"link.neighbors.unreachable", "neighbours that stopped answering"},
        {"link.address.conflicts", "times that somebody else used one of our addresses"},
        {"link.no.buffer", "ARP, NDP and ICMP not sent for want of an mbuf"},
        {"link.mld.reports", "MLD reports sent"},
        {"link.icmp.errors.out", "ICMP errors sent"},
        {"link.icmp.limited", "ICMP errors not sent for their number"}
    };

    public static final int COUNT = CATALOGUE.length;

    private final long[] values = new long[COUNT];

    /** Name of a counter. */
    public static String name(int counter) {
        return CATALOGUE[counter][0];
    }

    /** What it counts, in a line for people. */
    public static String meaning(int counter) {
        return CATALOGUE[counter][1];
    }

    public long get(int counter) {
        return values[counter];
    }

    void increment(int counter) {
        values[counter]++;
    }
}
