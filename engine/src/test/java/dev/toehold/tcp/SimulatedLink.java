package dev.toehold.tcp;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** A seeded link with two ends: delay, jitter, loss, bursts of loss, reordering, duplication and corruption, all counted. */
final class SimulatedLink {
    /** Probabilities per packet; times in ns. */
    static final class Faults {
        double loss;
        double burst;
        double duplicate;
        double reorder;
        double corrupt;
        long delayNs = 1_000_000;
        long jitterNs;

        @Override
        public String toString() {
            return "loss=%.3f burst=%.4f duplicate=%.3f reorder=%.3f corrupt=%.3f delayNs=%d jitterNs=%d"
                    .formatted(loss, burst, duplicate, reorder, corrupt, delayNs, jitterNs);
        }
    }

    /** A packet on its way. */
    static final class Packet {
        final long atNs;
        final long order;
        final int destination;
        final byte[] bytes;

        Packet(long atNs, long order, int destination, byte[] bytes) {
            this.atNs = atNs;
            this.order = order;
            this.destination = destination;
            this.bytes = bytes;
        }
    }

    /** A burst of losses ends by time too, or it would swallow a whole backed-off series of retransmissions. */
    private static final long MAX_BURST_NS = 50_000_000;

    private final SplittableRandom random;
    private final Faults faults;
    private final PriorityQueue<Packet> inFlight =
            new PriorityQueue<>(Comparator.<Packet>comparingLong(p -> p.atNs).thenComparingLong(p -> p.order));
    private final long[] lastAtNs = new long[2];
    private long order;
    private int burstLeft;
    private long burstEndNs;
    long lost;
    long duplicated;
    long reordered;
    long corrupted;
    long carried;

    SimulatedLink(SplittableRandom random, Faults faults) {
        this.random = random;
        this.faults = faults;
    }

    void send(int destination, byte[] packet, long nowNs) {
        carried++;
        if (burstLeft > 0 && nowNs < burstEndNs) {
            burstLeft--;
            lost++;
            return;
        }
        if (random.nextDouble() < faults.burst) {
            burstLeft = random.nextInt(2, 12);
            burstEndNs = nowNs + MAX_BURST_NS;
        }
        if (random.nextDouble() < faults.loss) {
            lost++;
            return;
        }
        byte[] bytes = packet;
        if (random.nextDouble() < faults.corrupt) {
            bytes = packet.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            corrupted++;
        }
        long atNs = nowNs + faults.delayNs + (faults.jitterNs > 0 ? random.nextLong(faults.jitterNs) : 0);
        if (random.nextDouble() < faults.reorder) {
            atNs += random.nextLong(1, 4 * faults.delayNs + 2);
            reordered++;
        } else {
            atNs = Math.max(atNs, lastAtNs[destination]);
            lastAtNs[destination] = atNs;
        }
        inFlight.add(new Packet(atNs, order++, destination, bytes));
        if (random.nextDouble() < faults.duplicate) {
            duplicated++;
            inFlight.add(new Packet(atNs + random.nextLong(2 * faults.delayNs + 1), order++, destination, bytes));
        }
    }

    long nextNs() {
        return inFlight.isEmpty() ? Long.MAX_VALUE : inFlight.peek().atNs;
    }

    /** The next packet that has arrived by {@code nowNs}, or null. */
    Packet poll(long nowNs) {
        return nextNs() <= nowNs ? inFlight.poll() : null;
    }
}
