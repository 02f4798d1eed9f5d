package dev.toehold.perf.simulation;

import dev.toehold.perf.simulation.StreamPlan.End;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One connection of a seed.
 *
 * @param opener side that connects; the other one accepts
 * @param isSimultaneous both connect
 * @param openerPort local TCP port of the opener, 0 = the engine's choice
 * @param startNs after the hosts are up
 * @param streams what each side does
 */
record ConnectionPlan(
        int index,
        int opener,
        boolean isSimultaneous,
        boolean isIpv6,
        int openerPort,
        long startNs,
        List<StreamPlan> streams) {
    static final int LISTEN_PORT = 7;

    private static final int FIRST_PORT = 5000;
    private static final int LEAST_MAIN_LENGTH = 200 * 1024;
    private static final int MAIN_LENGTHS = 40_000;
    private static final int MAX_SIDE_LENGTH = 30_000;
    private static final long LATEST_START_NS = 300_000_000;

    /** @param isMain the connection that carries most, and whose every byte must arrive */
    static ConnectionPlan of(SplittableRandom random, HostPlan[] hosts, int index, boolean isMain) {
        boolean isMutual = random.nextInt(8) == 0;
        boolean isOrderly = isMain || random.nextInt(3) != 0;
        // A side that is over before the other's handshake is would refuse it for ever.
        boolean isSimultaneous = isMutual && isOrderly;
        End[] ends = isOrderly ? orderlyEnds(random) : anyEnds(random);
        List<StreamPlan> streams = new ArrayList<>();
        for (int side = 0; side < 2; side++) {
            int length = isMain
                    ? LEAST_MAIN_LENGTH + random.nextInt(MAIN_LENGTHS)
                    : random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(MAX_SIDE_LENGTH);
            streams.add(StreamPlan.of(random, length, ends[side], hosts[side].isExplicit()));
        }
        boolean isEphemeral = !isSimultaneous && index == 0 && random.nextBoolean();
        return new ConnectionPlan(
                index,
                random.nextInt(2),
                isSimultaneous,
                random.nextInt(3) == 0,
                isEphemeral ? 0 : FIRST_PORT + index,
                isMain ? 0 : random.nextLong(LATEST_START_NS),
                List.copyOf(streams));
    }

    private static End[] orderlyEnds(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> new End[] {End.SHUTDOWN, End.CLOSE_AFTER_PEER};
            case 1 -> new End[] {End.CLOSE_AFTER_PEER, End.SHUTDOWN};
            default -> new End[] {End.SHUTDOWN, End.SHUTDOWN};
        };
    }

    private static End[] anyEnds(SplittableRandom random) {
        End[] all = End.values();
        End[] ends = {all[random.nextInt(all.length)], all[random.nextInt(all.length)]};
        if (ends[0] == End.CLOSE_AFTER_PEER && ends[1] == End.CLOSE_AFTER_PEER) {
            ends[random.nextInt(2)] = End.ABORT;
        }
        return ends;
    }

    boolean isOrderly() {
        return StreamPlan.isOrderly(streams.get(0).end())
                && StreamPlan.isOrderly(streams.get(1).end());
    }

    /** Whether this side connects. */
    boolean opens(int side) {
        return isSimultaneous || side == opener;
    }

    /** Where this side connects to. */
    int remotePort() {
        return isSimultaneous ? openerPort : LISTEN_PORT;
    }

    @Override
    public String toString() {
        return "connection %d: opener=%s simultaneous=%b ipv6=%b port=%d startNs=%d%n    A: %s%n    B: %s"
                .formatted(
                        index,
                        opener == 0 ? "A" : "B",
                        isSimultaneous,
                        isIpv6,
                        openerPort,
                        startNs,
                        streams.get(0),
                        streams.get(1));
    }
}
