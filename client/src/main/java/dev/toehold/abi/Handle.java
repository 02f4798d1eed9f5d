package dev.toehold.abi;

/**
 * How the engine builds the handle of a connection or listener: lcore (8 bits), generation (24), index (32). Clients
 * treat it as opaque. 0 is never a handle: generations begin at 1 and skip 0.
 */
public final class Handle {
    public static final int MAX_GENERATION = (1 << 24) - 1;

    private Handle() {}

    public static long of(int lcore, int generation, int index) {
        return ((long) (lcore & 0xff) << 56) | ((long) (generation & MAX_GENERATION) << 32) | (index & 0xffff_ffffL);
    }

    public static int lcore(long handle) {
        return (int) (handle >>> 56);
    }

    public static int generation(long handle) {
        return (int) (handle >>> 32) & MAX_GENERATION;
    }

    public static int index(long handle) {
        return (int) handle;
    }

    /** The generation that follows; 0 is skipped. */
    public static int nextGeneration(int generation) {
        return generation >= MAX_GENERATION ? 1 : generation + 1;
    }
}
