package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The controllers next to models written from the RFCs' own text, in segments, stepping the same traces of ACKs, losses and timeouts. */
class CongestionModelTest {
    private static final int MSS = 1000;
    private final Tcb tcb = new Tcb(Arena.ofAuto().allocate(TcbLayout.LENGTH, 64));

    CongestionModelTest() {
        tcb.wrap(0).initialize();
        tcb.sndMss(MSS);
    }

    /** RFC 9438 sections 4.2 to 4.8. */
    private static final class CubicModel {
        static final double C = 0.4;
        static final double BETA = 0.7;
        double cwnd;
        double ssthresh;
        double wMax;
        double cwndPrior;
        double epoch = -1;
        double k;
        double wEst;

        double cubic(double t) {
            return C * Math.pow(t - k, 3) + wMax;
        }

        void onAck(double acked, double now, double rtt) {
            if (cwnd < ssthresh) {
                cwnd += Math.min(acked, 1); // RFC 5681 section 3.1
                return;
            }
            if (epoch < 0) {
                epoch = now;
                wEst = cwnd;
                k = cwnd < wMax ? Math.cbrt((wMax - cwnd) / C) : 0;
                wMax = Math.max(wMax, cwnd);
            }
            double alpha = wEst >= cwndPrior ? 1 : 3 * (1 - BETA) / (1 + BETA);
            wEst += alpha * acked / cwnd;
            if (cubic(now - epoch) < wEst) {
                cwnd = Math.max(cwnd, wEst);
            } else {
                double target = Math.clamp(cubic(now - epoch + rtt), cwnd, 1.5 * cwnd);
                cwnd += (target - cwnd) / cwnd * acked;
            }
        }

        void onLoss(double flight) {
            cwndPrior = cwnd;
            wMax = cwnd < wMax ? cwnd * (1 + BETA) / 2 : cwnd;
            ssthresh = Math.max(flight * BETA, 2);
            cwnd = ssthresh;
            epoch = -1;
        }

        void onTimeout(double flight) {
            onLoss(flight);
            cwnd = 1;
            wMax = 0;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldFollowCubic(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Cubic cubic = new Cubic();
        CubicModel model = new CubicModel();
        double rtt = 0.02 + random.nextDouble() * 0.2;
        model.cwnd = 20 + random.nextInt(200);
        model.ssthresh = 10;
        tcb.srttUs((int) (rtt * 1e6));
        tcb.cwnd((int) (model.cwnd * MSS));
        tcb.ssthresh(10 * MSS);
        double now = 1;
        for (int step = 0; step < 30_000; step++) {
            now += rtt / model.cwnd;
            int acked = 1 + random.nextInt(2);
            cubic.onAcknowledged(tcb, acked * MSS, true, (long) (now * 1e9));
            model.onAck(acked, now, rtt);
            assertEquals(
                    model.cwnd, tcb.cwnd() / (double) MSS, 1 + 0.03 * model.cwnd, "seed=" + seed + " step=" + step);
            if (random.nextInt(2_000) == 0) {
                int flight = tcb.cwnd();
                boolean isTimeout = random.nextInt(4) == 0;
                if (isTimeout) {
                    cubic.onTimeout(tcb, flight, false, (long) (now * 1e9));
                    model.onTimeout(flight / (double) MSS);
                } else {
                    cubic.onLoss(tcb, flight, (long) (now * 1e9));
                    tcb.cwnd(tcb.ssthresh());
                    model.onLoss(flight / (double) MSS);
                }
                assertEquals(model.ssthresh, tcb.ssthresh() / (double) MSS, 0.01);
                // What rounding added up to ends with each reduction.
                model.cwnd = tcb.cwnd() / (double) MSS;
                model.ssthresh = tcb.ssthresh() / (double) MSS;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldFollowReno(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Reno reno = new Reno();
        long cwnd = 10L * MSS;
        long ssthresh = 60L * MSS;
        long counted = 0;
        tcb.cwnd((int) cwnd);
        tcb.ssthresh((int) ssthresh);
        for (int step = 0; step < 20_000; step++) {
            int acked = 1 + random.nextInt(2 * MSS);
            reno.onAcknowledged(tcb, acked, true, 0);
            // RFC 5681 section 3.1 with the byte counting of RFC 3465 section 2.1.
            if (cwnd < ssthresh) {
                cwnd += Math.min(acked, MSS);
            } else {
                counted += acked;
                if (counted >= cwnd) {
                    counted -= cwnd;
                    cwnd += MSS;
                }
            }
            assertEquals(cwnd, tcb.cwnd(), "step=" + step);
            if (random.nextInt(1_000) == 0) {
                ssthresh = Math.max(cwnd / 2, 2 * MSS);
                counted = 0;
                if (random.nextBoolean()) {
                    reno.onLoss(tcb, tcb.cwnd(), 0);
                    tcb.cwnd(tcb.ssthresh());
                    cwnd = ssthresh;
                } else {
                    reno.onTimeout(tcb, tcb.cwnd(), false, 0);
                    cwnd = MSS;
                }
                assertEquals(ssthresh, tcb.ssthresh());
            }
        }
    }

    /** RFC 9406 sections 4.2 and 4.3, its variables by their names. */
    private static final class HystartModel {
        static final double INFINITY = Double.POSITIVE_INFINITY;
        double lastRoundMinRtt = INFINITY;
        double currentRoundMinRtt = INFINITY;
        double cssBaselineMinRtt = INFINITY;
        int rttSampleCount;
        int cssRounds;
        long windowEnd;
        long cwnd;
        long ssthresh = Long.MAX_VALUE;

        void onAck(long sndUna, long sndNxt, int acked, double rtt) {
            currentRoundMinRtt = Math.min(currentRoundMinRtt, rtt);
            rttSampleCount++;
            boolean enough = rttSampleCount >= 8;
            if (cssBaselineMinRtt == INFINITY) {
                double threshold = Math.max(4_000, Math.min(lastRoundMinRtt / 8, 16_000));
                if (enough && lastRoundMinRtt != INFINITY && currentRoundMinRtt >= lastRoundMinRtt + threshold) {
                    cssBaselineMinRtt = currentRoundMinRtt;
                    cssRounds = 0;
                }
            } else if (enough && currentRoundMinRtt < cssBaselineMinRtt) {
                cssBaselineMinRtt = INFINITY;
            }
            if (cwnd >= ssthresh) {
                return;
            }
            if (sndUna >= windowEnd) {
                windowEnd = sndNxt;
                if (cssBaselineMinRtt != INFINITY && ++cssRounds >= 5) {
                    ssthresh = cwnd;
                }
                lastRoundMinRtt = currentRoundMinRtt;
                currentRoundMinRtt = INFINITY;
                rttSampleCount = 0;
            }
            int growth = Math.min(acked, 8 * MSS);
            cwnd += cssBaselineMinRtt == INFINITY ? growth : growth / 4;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldFollowHystart(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Cubic cubic = new Cubic();
        HystartModel model = new HystartModel();
        tcb.srttUs(50_000);
        tcb.cwnd(10 * MSS);
        tcb.ssthresh(Integer.MAX_VALUE);
        model.cwnd = 10 * MSS;
        long una = 0;
        int queueFrom = 200 + random.nextInt(500);
        int acks = 0;
        while (tcb.ssthresh() == Integer.MAX_VALUE && acks < 200_000) {
            acks++;
            int rtt = 50_000 + random.nextInt(3_000) + (acks > queueFrom ? 10 * (acks - queueFrom) : 0);
            int acked = MSS * (1 + random.nextInt(2));
            una += acked;
            tcb.sndUnaRelease(una);
            tcb.sndNxt(una + model.cwnd);
            cubic.onRttSample(tcb, rtt);
            cubic.onAcknowledged(tcb, acked, true, acks * 1_000_000L);
            model.onAck(una, una + model.cwnd, acked, rtt);
            if (model.ssthresh == Long.MAX_VALUE) {
                assertEquals(model.cwnd, tcb.cwnd(), "seed=" + seed + " acks=" + acks);
            }
        }
        assertTrue(model.ssthresh != Long.MAX_VALUE, "slow start never ended");
        assertEquals(model.ssthresh, tcb.ssthresh());
    }
}
