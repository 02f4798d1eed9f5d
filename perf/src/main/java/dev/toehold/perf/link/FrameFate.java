package dev.toehold.perf.link;

import java.util.SplittableRandom;

/**
 * Decides what becomes of each frame of one direction. Every kind of impairment draws from a generator of its own, once per frame:
 * the decisions follow from the seed and the frame's number (and the end of a burst from time, if it is long), and one kind switched on or off leaves the others as they were.
 */
final class FrameFate {
    /** A burst ends by time too, or it would swallow a whole series of retransmissions that back off. */
    static final long LONGEST_BURST_NS = 50_000_000;

    private final Impairments impairments;
    private final SplittableRandom losses;
    private final SplittableRandom bursts;
    private final SplittableRandom duplicates;
    private final SplittableRandom reorderings;
    private final SplittableRandom distances;
    private final SplittableRandom corruptions;
    private final SplittableRandom bits;
    private final SplittableRandom jitters;
    private boolean isInBurst;
    private long burstEndNs;

    /** @param direction 0 or 1: two directions of one seed decide independently */
    FrameFate(Impairments impairments, long seed, int direction) {
        this.impairments = impairments;
        SplittableRandom root = new SplittableRandom(seed);
        for (int i = 0; i < direction; i++) {
            root = root.split();
        }
        losses = root.split();
        bursts = root.split();
        duplicates = root.split();
        reorderings = root.split();
        distances = root.split();
        corruptions = root.split();
        bits = root.split();
        jitters = root.split();
    }

    /** The next frame: lost by itself? Each question is asked once per frame, whatever the others' answers. */
    boolean isLost() {
        return losses.nextDouble() < impairments.loss();
    }

    /** Lost within a burst? */
    boolean isLostInBurst(long nowNs) {
        double draw = bursts.nextDouble();
        if (isInBurst) {
            isInBurst = draw >= impairments.burstEnd() && nowNs - burstEndNs < 0;
        } else {
            isInBurst = draw < impairments.burstStart();
            burstEndNs = nowNs + LONGEST_BURST_NS;
        }
        return isInBurst;
    }

    boolean isDuplicated() {
        return duplicates.nextDouble() < impairments.duplicate();
    }

    /** How many later frames overtake this one; 0: none. */
    int overtakers() {
        return reorderings.nextDouble() < impairments.reorder()
                ? distances.nextInt(1, impairments.reorderDistance() + 1)
                : 0;
    }

    /**
     * Which bit is inverted.
     *
     * @param from first byte that may be damaged
     * @return number of the bit from the frame's beginning, or -1
     */
    long corruptedBit(int from, int length) {
        return corruptions.nextDouble() < impairments.corrupt() && length > from
                ? bits.nextLong((long) from * Byte.SIZE, (long) length * Byte.SIZE)
                : -1;
    }

    /** To be added to the delay. */
    long jitterNs() {
        return impairments.jitterNs() == 0 ? 0 : jitters.nextLong(-impairments.jitterNs(), impairments.jitterNs() + 1);
    }
}
