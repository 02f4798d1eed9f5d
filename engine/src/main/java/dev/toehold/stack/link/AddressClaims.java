package dev.toehold.stack.link;

import dev.toehold.net.IpAddress;
import dev.toehold.net.MldWriter;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.TimerWheel;
import java.util.random.RandomGenerator;

/**
 * Makes our addresses known and ours alone. Run by the lcore that answers for the port.
 *
 * <p>IPv6: joins the solicited-node groups (RFC 3810), probes for duplicates (RFC 4862 section 5.4, one probe, one second), then
 * takes the address into use and announces it. IPv4: announces twice, two seconds apart (RFC 5227 section 2.3), and defends
 * against a conflicting use once in ten seconds (section 2.4 (c)): connections live on these addresses, so they are not given up.
 */
final class AddressClaims {
    static final long MAX_INITIAL_DELAY_NS = 100_000_000L;
    static final long PROBE_WAIT_NS = 1_000_000_000L;
    static final long ANNOUNCE_INTERVAL_NS = 2_000_000_000L;
    static final long DEFEND_INTERVAL_NS = 10_000_000_000L;
    static final int ANNOUNCE_COUNT = 2;

    private static final int JOIN = 0;
    private static final int PROBED = 1;
    private static final int ANNOUNCING = 2;
    private static final int SETTLED = 3;

    private final LocalAddresses addresses;
    private final LinkSender sender;
    private final LinkCounters counters;
    private final int[] step;
    private final int[] announced;
    private final long[] deadlineNs;
    private final long[] defendedNs;

    AddressClaims(
            LocalAddresses addresses, LinkSender sender, LinkCounters counters, RandomGenerator random, long nowNs) {
        this.addresses = addresses;
        this.sender = sender;
        this.counters = counters;
        int size = addresses.size();
        step = new int[size];
        announced = new int[size];
        deadlineNs = new long[size];
        defendedNs = new long[size];
        for (int i = 0; i < size; i++) {
            boolean isIpv4 = IpAddress.isIpv4(addresses.high(i), addresses.low(i));
            step[i] = isIpv4 ? ANNOUNCING : JOIN;
            deadlineNs[i] = isIpv4 ? nowNs : nowNs + random.nextLong(MAX_INITIAL_DELAY_NS);
            defendedNs[i] = nowNs - DEFEND_INTERVAL_NS;
        }
    }

    int pollTimers(long nowNs) {
        int fired = 0;
        for (int i = 0; i < deadlineNs.length; i++) {
            if (deadlineNs[i] <= nowNs) {
                onDeadline(i, nowNs);
                fired++;
            }
        }
        return fired;
    }

    long nextDeadlineNs() {
        long next = TimerWheel.NEVER;
        for (long deadline : deadlineNs) {
            next = Math.min(next, deadline);
        }
        return next;
    }

    /** Somebody else uses, or probes for, this address. */
    void onConflict(int address, long nowNs) {
        counters.increment(LinkCounters.ADDRESS_CONFLICTS);
        if (addresses.stateAcquire(address) == LocalAddresses.TENTATIVE) {
            addresses.stateRelease(address, LocalAddresses.DUPLICATE);
            step[address] = SETTLED;
            deadlineNs[address] = TimerWheel.NEVER;
        } else if (addresses.isUsable(address) && nowNs - defendedNs[address] >= DEFEND_INTERVAL_NS) {
            defendedNs[address] = nowNs;
            announce(address);
        }
    }

    private void onDeadline(int i, long nowNs) {
        switch (step[i]) {
            case JOIN -> {
                sender.reportGroups(addresses.portIndex(i), MldWriter.CHANGE_TO_EXCLUDE);
                sender.probeDuplicate(i);
                step[i] = PROBED;
                deadlineNs[i] = nowNs + PROBE_WAIT_NS;
            }
            case PROBED -> {
                addresses.stateRelease(i, LocalAddresses.USABLE);
                sender.reportGroups(addresses.portIndex(i), MldWriter.CHANGE_TO_EXCLUDE);
                step[i] = ANNOUNCING;
                onDeadline(i, nowNs);
            }
            default -> {
                announce(i);
                announced[i]++;
                boolean isDone = announced[i] >= ANNOUNCE_COUNT;
                step[i] = isDone ? SETTLED : ANNOUNCING;
                deadlineNs[i] = isDone ? TimerWheel.NEVER : nowNs + ANNOUNCE_INTERVAL_NS;
            }
        }
    }

    private void announce(int address) {
        if (IpAddress.isIpv4(addresses.high(address), addresses.low(address))) {
            sender.announceArp(address);
        } else {
            sender.announceNdp(address);
        }
    }
}
