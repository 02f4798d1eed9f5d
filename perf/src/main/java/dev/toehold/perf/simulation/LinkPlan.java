package dev.toehold.perf.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How the link of one seed behaves. Probabilities are per packet, times in ns.
 *
 * @param bitsPerSecond 0 = as fast as you like
 * @param queueBytes what waits for the rate-limited link at most
 * @param mtuSteps changes of the path's MTU
 * @param outageAfter the link goes down after so many packets; 0 = never
 */
record LinkPlan(
        double loss,
        double burst,
        double duplicate,
        double reorder,
        double corrupt,
        double oldDuplicate,
        long delayNs,
        long jitterNs,
        long bitsPerSecond,
        int queueBytes,
        List<MtuStep> mtuSteps,
        int outageAfter,
        long outageNs) {
    /**
     * From the packet {@code after} on, the path takes IP packets of {@code mtu} bytes.
     *
     * @param silentNs for so long nobody says why longer ones vanish
     */
    record MtuStep(int after, int mtu, long silentNs) {}

    private static final long MS = 1_000_000;

    static LinkPlan of(SplittableRandom random, int mtu, int leastMtu) {
        boolean isClean = random.nextInt(10) == 0;
        long delayNs = new long[] {20_000, 200_000, MS, 5 * MS, 30 * MS}[random.nextInt(5)];
        boolean isSlow = random.nextInt(4) == 0;
        long bitsPerSecond = isSlow ? new long[] {2_000_000, 10_000_000, 100_000_000}[random.nextInt(3)] : 0;
        return new LinkPlan(
                isClean ? 0 : random.nextInt(4) == 0 ? random.nextDouble(0.10) : random.nextDouble(0.02),
                isClean || random.nextInt(3) != 0 ? 0 : random.nextDouble(0.005),
                isClean || random.nextBoolean() ? 0 : random.nextDouble(0.05),
                isClean || random.nextBoolean() ? 0 : random.nextDouble(0.10),
                isClean || random.nextBoolean() ? 0 : random.nextDouble(0.02),
                random.nextInt(4) == 0 ? random.nextDouble(0.02) : 0,
                delayNs,
                random.nextBoolean() ? 0 : delayNs / 2,
                bitsPerSecond,
                (8 + random.nextInt(56)) * (mtu + 14),
                mtuSteps(random, mtu, leastMtu),
                random.nextInt(8) == 0 ? 20 + random.nextInt(400) : 0,
                50 * MS + random.nextLong(3_000 * MS));
    }

    private static List<MtuStep> mtuSteps(SplittableRandom random, int mtu, int leastMtu) {
        if (mtu <= leastMtu || random.nextInt(4) != 0) {
            return List.of();
        }
        int count = 1 + random.nextInt(3);
        List<MtuStep> steps = new ArrayList<>();
        int after = 0;
        for (int i = 0; i < count; i++) {
            after += 10 + random.nextInt(200);
            long silentNs = random.nextInt(3) == 0 ? random.nextLong(5_000 * MS) : 0;
            steps.add(new MtuStep(after, leastMtu + random.nextInt(mtu - leastMtu + 1), silentNs));
        }
        return List.copyOf(steps);
    }

    @Override
    public String toString() {
        return ("loss=%.4f burst=%.4f duplicate=%.3f reorder=%.3f corrupt=%.3f oldDuplicate=%.3f delayNs=%d jitterNs=%d"
                        + " bitsPerSecond=%d queueBytes=%d mtuSteps=%s outageAfter=%d outageNs=%d")
                .formatted(
                        loss,
                        burst,
                        duplicate,
                        reorder,
                        corrupt,
                        oldDuplicate,
                        delayNs,
                        jitterNs,
                        bitsPerSecond,
                        queueBytes,
                        mtuSteps,
                        outageAfter,
                        outageNs);
    }
}
