package dev.toehold.stack;

import dev.toehold.net.ParseResult;
import dev.toehold.tcp.LogLinearHistogram;

/**
 * What the stack of an lcore counts besides TCP itself: the lcore writes plainly, and whoever publishes reads on the same lcore. Drops by
 * the parser stand behind the named ones, in the order of {@link ParseResult}.
 */
public final class StackCounters {
    public static final int RX_PACKETS = 0;
    public static final int RX_DISPATCHED_OUT = 1;
    public static final int RX_DISPATCHED_IN = 2;
    public static final int RX_LOOPBACK = 3;
    public static final int DROP_WRONG_MAC = 4;
    public static final int DROP_NOT_OURS = 5;
    public static final int DROP_GROUP_TCP = 6;
    public static final int DROP_BAD_CHECKSUM = 7;
    public static final int DROP_FRAGMENT = 8;
    public static final int DROP_OTHER = 9;
    public static final int DROP_DISPATCH_FULL = 10;
    public static final int DROP_LISTEN_OVERFLOW = 11;
    public static final int NO_TCB = 12;
    public static final int NO_LISTENER = 13;
    public static final int DROP_SPOOFED = 14;
    public static final int TX_PACKETS = 15;
    public static final int TX_NO_MBUF = 16;
    public static final int TX_QUEUE_FULL = 17;
    public static final int TX_UNREACHABLE = 18;
    public static final int TX_NEIGHBOUR_OVERFLOW = 19;
    public static final int TX_NO_PAYLOAD = 20;
    public static final int TX_REJECTED = 21;
    public static final int TIMERS_FIRED = 22;
    public static final int ERRORS = 23;
    public static final int COOKIES_SENT = 24;
    public static final int COOKIES_ACCEPTED = 25;
    public static final int COOKIES_REFUSED = 26;
    public static final int BAD_TCP_OPTIONS = 27;
    public static final int DROP_RESUMING = 28;
    public static final int RESUMED = 29;
    public static final int RESUME_EXPIRED = 30;
    public static final int FRAGMENTS_IN = 31;
    public static final int REASSEMBLED = 32;
    public static final int FRAGMENT_DUPLICATES = 33;
    public static final int DROP_FRAGMENT_CONFLICT = 34;
    public static final int FRAGMENT_TIMEOUTS = 35;
    public static final int FRAGMENT_EVICTIONS = 36;
    public static final int DROP_REASSEMBLED_TOO_LONG = 37;
    public static final int TO_KERNEL = 38;
    public static final int FROM_KERNEL = 39;
    public static final int DROP_KERNEL_FULL = 40;
    public static final int PARSER_DROPS = 41;

    /** Name and meaning of each, in the order of their numbers. */
    private static final String[][] CATALOGUE = {
        {"stack.rx.packets", "packets that the lcore looked at, those of other lcores included"},
        {"stack.rx.dispatched.out", "packets handed to the lcore that owns their connection"},
        {"stack.rx.dispatched.in", "packets taken from other lcores"},
        {"stack.rx.loopback", "packets from one connection of this engine to another"},
        {"stack.drop.wrong.mac", "frames for another MAC address"},
        {"stack.drop.not.ours", "packets for an address that is not the engine's"},
        {"stack.drop.group.tcp", "TCP from or to a multicast or broadcast address"},
        {"stack.drop.bad.checksum", "TCP segments with a wrong checksum"},
        {"stack.drop.fragment", "fragments of no use: too small, too many, or not TCP"},
        {"stack.drop.other", "well-formed packets of no interest, such as UDP"},
        {"stack.drop.dispatch.full", "packets that found the way to their lcore full"},
        {"stack.drop.listen.overflow", "SYNs without backlog, credit or a free TCB"},
        {"stack.no.tcb", "segments for which there is no connection"},
        {"stack.no.listener", "SYNs for which there is no listener"},
        {"stack.drop.spoofed", "packets from outside with one of our addresses as source"},
        {"stack.tx.packets", "packets handed to a port"},
        {"stack.tx.no.mbuf", "packets that found no mbuf"},
        {"stack.tx.queue.full", "packets that found the transmit batch full and waited"},
        {"stack.tx.unreachable", "packets dropped because the next hop does not answer"},
        {"stack.tx.neighbour.overflow", "packets dropped because too many wait for a neighbour"},
        {"stack.tx.no.payload", "segments dropped because their client memory is gone"},
        {"stack.tx.rejected", "packets dropped because they do not fit the port"},
        {"stack.timers.fired", "timers that expired"},
        {"stack.errors", "bugs: connections reset because working on them failed"},
        {"stack.cookies.sent", "SYN cookies sent"},
        {"stack.cookies.accepted", "connections made from a SYN cookie"},
        {"stack.cookies.refused", "ACKs that carry no valid SYN cookie"},
        {"stack.bad.tcp.options", "segments with a malformed option"},
        {"resume.dropped", "segments dropped while connections wait to be resumed"},
        {"resume.connections", "connections of an earlier engine that their clients took up again"},
        {"resume.expired", "connections of an earlier engine that nobody took up"},
        {"stack.fragments.in", "fragments"},
        {"stack.fragments.reassembled", "packets made whole from fragments"},
        {"stack.fragments.duplicates", "fragments that came twice"},
        {"stack.drop.fragment.conflict", "packets given up because fragments overlap and differ"},
        {"stack.fragments.timeouts", "packets given up because fragments were missing"},
        {"stack.fragments.evictions", "unfinished packets that gave way to others"},
        {"stack.drop.reassembled.too.long", "reassembled packets that no mbuf holds"},
        {"kernel.rx.packets", "packets handed to the kernel behind the TAP"},
        {"kernel.tx.packets", "packets taken from the kernel behind the TAP"},
        {"kernel.drop.full", "packets lost on the way to the kernel: its ring was full"}
    };

    private static final String[] PARSER_MEANINGS = {
        "frames that end before their headers or the IP length do",
        "packets whose IP version, header length and total length contradict each other",
        "packets with a wrong IP header checksum",
        "packets with a source that none may have",
        "packets whose extension headers are malformed, too many or too long",
        "packets shorter than their transport header",
        "TCP segments whose data offset is impossible",
        "ARP that is not for IPv4 over Ethernet"
    };

    public static final int COUNT = PARSER_DROPS + ParseResult.DROP_COUNT;

    /** Most packets of a burst that are told apart. */
    private static final int MAX_BURST = 512;

    private final long[] values = new long[COUNT];
    private final LogLinearHistogram rxBursts = new LogLinearHistogram(MAX_BURST);
    private final LogLinearHistogram txBursts = new LogLinearHistogram(MAX_BURST);

    /** Packets of each receive burst that brought some. */
    public LogLinearHistogram rxBursts() {
        return rxBursts;
    }

    /** Packets that a port took at once. */
    public LogLinearHistogram txBursts() {
        return txBursts;
    }

    /** Name of a counter. */
    public static String name(int counter) {
        return counter < PARSER_DROPS
                ? CATALOGUE[counter][0]
                : "stack.drop." + ParseResult.name(~(counter - PARSER_DROPS)).replace('-', '.');
    }

    /** What it counts, in a line for people. */
    public static String meaning(int counter) {
        return counter < PARSER_DROPS ? CATALOGUE[counter][1] : PARSER_MEANINGS[counter - PARSER_DROPS];
    }

    public long get(int counter) {
        return values[counter];
    }

    void increment(int counter) {
        values[counter]++;
    }

    void add(int counter, long amount) {
        values[counter] += amount;
    }
}
