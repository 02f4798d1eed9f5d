package dev.toehold.perf.simulation;

import dev.toehold.tcp.TcpConfig;
import java.util.SplittableRandom;

/**
 * How one side of a seed is made: engine and client.
 *
 * @param isExplicit no provided buffers and no credit: a window only for posted RECEIVEs
 * @param coalesceNs an engine that sleeps notices a packet within this time
 * @param clientDelayNs likewise a client a completion
 * @param portRefusal probability, per frame, that the port takes no more now
 * @param dryMbufs probability, per allocation, that there is no mbuf
 */
record HostPlan(
        TcpConfig tcp,
        int mtu,
        int sqEntries,
        int cqEntries,
        int bufEntries,
        boolean isExplicit,
        int credit,
        int smallBuffers,
        int largeBuffers,
        long coalesceNs,
        long clientDelayNs,
        double portRefusal,
        double dryMbufs) {
    static final int SMALL_BUFFER = 2 << 10;
    static final int LARGE_BUFFER = 16 << 10;

    /** 2 MSL as RFC 9293 has it. Longer than any backed-off timeout: a FIN sent again must not find the other side gone. */
    private static final long TIME_WAIT_NS = 240_000_000_000L;

    private static final long SECOND = 1_000_000_000L;

    static HostPlan of(SplittableRandom random, int mtu) {
        boolean isExplicit = random.nextInt(6) == 0;
        int rings = random.nextInt(6);
        return new HostPlan(
                tcp(random),
                mtu,
                rings == 0 ? 16 : 1 << random.nextInt(5, 9),
                rings == 0 ? 64 : 1 << random.nextInt(7, 11),
                1 << random.nextInt(6, 11),
                isExplicit,
                isExplicit ? 0 : 1 << random.nextInt(12, 19),
                8 + random.nextInt(64),
                4 + random.nextInt(24),
                random.nextInt(3) == 0 ? 0 : 1L << random.nextInt(10, 20),
                1L << random.nextInt(10, 20),
                random.nextInt(4) == 0 ? random.nextDouble(0.02) : 0,
                random.nextInt(4) == 0 ? random.nextDouble(0.02) : 0);
    }

    private static TcpConfig tcp(SplittableRandom random) {
        return TcpConfig.builder()
                .sack(random.nextInt(4) != 0)
                .timestamps(random.nextInt(4) != 0)
                .receiveWindowScale(random.nextInt(4) == 0 ? -1 : random.nextInt(0, 10))
                .ecn(ecn(random))
                .congestionControl(
                        random.nextBoolean() ? TcpConfig.CongestionAlgorithm.CUBIC : TcpConfig.CongestionAlgorithm.RENO)
                .timeWaitNs(TIME_WAIT_NS)
                .keepalive(20 * SECOND, 5 * SECOND, 9)
                .pools(random.nextInt(4) == 0 ? 1 : 16, random.nextInt(4) == 0 ? 1 : 16)
                .build();
    }

    private static TcpConfig.EcnMode ecn(SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> TcpConfig.EcnMode.OFF;
            case 1 -> TcpConfig.EcnMode.ACCEPT;
            default -> TcpConfig.EcnMode.OFFER;
        };
    }

    @Override
    public String toString() {
        return ("sack=%b timestamps=%b scale=%d ecn=%s cc=%s mtu=%d rings=%d/%d/%d explicit=%b credit=%d buffers=%d/%d"
                        + " coalesceNs=%d clientDelayNs=%d portRefusal=%.3f dryMbufs=%.3f")
                .formatted(
                        tcp.sack(),
                        tcp.timestamps(),
                        tcp.receiveWindowScale(),
                        tcp.ecn(),
                        tcp.congestionControl(),
                        mtu,
                        sqEntries,
                        cqEntries,
                        bufEntries,
                        isExplicit,
                        credit,
                        smallBuffers,
                        largeBuffers,
                        coalesceNs,
                        clientDelayNs,
                        portRefusal,
                        dryMbufs);
    }
}
