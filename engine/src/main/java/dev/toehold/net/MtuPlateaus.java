package dev.toehold.net;

/**
 * MTUs that links have (RFC 1191 section 7.1), and that of the IPv6 minimum, which tunnels are built for: where to look when a router tells that a
 * packet was too big and not what would fit.
 */
public final class MtuPlateaus {
    private static final int[] PLATEAUS = {32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_280, 1_006, 508, 296, 68};

    private MtuPlateaus() {}

    /** The largest below {@code length}, 68 at least. */
    public static int below(int length) {
        for (int plateau : PLATEAUS) {
            if (plateau < length) {
                return plateau;
            }
        }
        return PLATEAUS[PLATEAUS.length - 1];
    }
}
