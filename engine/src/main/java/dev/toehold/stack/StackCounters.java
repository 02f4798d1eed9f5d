package dev.toehold.stack;

import dev.toehold.net.ParseResult;

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

    private static final String[] NAMES = {
        "stack.rx.packets",
        "stack.rx.dispatched.out",
        "stack.rx.dispatched.in",
        "stack.rx.loopback",
        "stack.drop.wrong.mac",
        "stack.drop.not.ours",
        "stack.drop.group.tcp",
        "stack.drop.bad.checksum",
        "stack.drop.fragment",
        "stack.drop.other",
        "stack.drop.dispatch.full",
        "stack.drop.listen.overflow",
        "stack.no.tcb",
        "stack.no.listener",
        "stack.drop.spoofed",
        "stack.tx.packets",
        "stack.tx.no.mbuf",
        "stack.tx.queue.full",
        "stack.tx.unreachable",
        "stack.tx.neighbour.overflow",
        "stack.tx.no.payload",
        "stack.tx.rejected",
        "stack.timers.fired",
        "stack.errors",
        "stack.cookies.sent",
        "stack.cookies.accepted",
        "stack.cookies.refused",
        "stack.bad.tcp.options",
        "resume.dropped",
        "resume.connections",
        "resume.expired",
        "stack.fragments.in",
        "stack.fragments.reassembled",
        "stack.fragments.duplicates",
        "stack.drop.fragment.conflict",
        "stack.fragments.timeouts",
        "stack.fragments.evictions",
        "stack.drop.reassembled.too.long",
        "kernel.rx.packets",
        "kernel.tx.packets",
        "kernel.drop.full"
    };

    public static final int COUNT = PARSER_DROPS + ParseResult.DROP_COUNT;

    private final long[] values = new long[COUNT];

    /** Name of a counter. */
    public static String name(int counter) {
        return counter < PARSER_DROPS
                ? NAMES[counter]
                : "stack.drop." + ParseResult.name(~(counter - PARSER_DROPS)).replace('-', '.');
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
