package dev.toehold.stack.link;

import dev.toehold.net.IpAddress;
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

    /** After a probe that found no buffer. */
    static final long RETRY_NS = 100_000_000L;

    static final long DEFEND_INTERVAL_NS = 10_000_000_000L;
    static final int ANNOUNCE_COUNT = 2;

    private static final int JOIN = 0;
    private static final int PROBED = 1;
    private static final int ANNOUNCING = 2;
    private static final int SETTLED = 3;

    private final LocalAddresses addresses;
    private final LinkSender sender;
    private final MulticastListener listener;
    private final LinkCounters counters;
    private final int[] step;
    private final int[] announced;
    private final long[] deadlineNs;
    private final long[] defendedNs;
    private long nextDeadlineNs;

    AddressClaims(
            LocalAddresses addresses,
            LinkSender sender,
            MulticastListener listener,
            LinkCounters counters,
            RandomGenerator random,
            long nowNs) {
        this.addresses = addresses;
        this.sender = sender;
        this.listener = listener;
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
        nextDeadlineNs = firstDeadline();
    }

    int pollTimers(long nowNs) {
        if (nowNs < nextDeadlineNs) {
            return 0;
        }
        int fired = 0;
        for (int i = 0; i < deadlineNs.length; i++) {
            if (deadlineNs[i] <= nowNs) {
                onDeadline(i, nowNs);
                fired++;
            }
        }
        nextDeadlineNs = firstDeadline();
        return fired;
    }

    long nextDeadlineNs() {
        return nextDeadlineNs;
    }

    private long firstDeadline() {
        long first = TimerWheel.NEVER;
        for (long deadline : deadlineNs) {
            first = Math.min(first, deadline);
        }
        return first;
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
                listener.join(addresses.portIndex(i), nowNs);
                // Without its question nobody can object.
                boolean isAsked = sender.probeDuplicate(i);
                step[i] = isAsked ? PROBED : JOIN;
                deadlineNs[i] = nowNs + (isAsked ? PROBE_WAIT_NS : RETRY_NS);
            }
            case PROBED -> {
                addresses.stateRelease(i, LocalAddresses.USABLE);
                // RFC 3590 section 4: what was reported without a source is reported again.
                if (IpAddress.isLinkLocal(addresses.high(i), addresses.low(i))) {
                    listener.join(addresses.portIndex(i), nowNs);
                }
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
