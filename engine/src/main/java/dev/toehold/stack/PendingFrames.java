package dev.toehold.stack;

/**
 * Frames that wait for the MAC of a neighbour: at most {@link #PER_NEIGHBOUR} for each of {@link #NEIGHBOURS} neighbours of an lcore, in
 * order (RFC 1122 section 2.3.2.2 asks for one at least). More are dropped: TCP sends them again.
 */
final class PendingFrames {
    static final int NEIGHBOURS = 64;
    static final int PER_NEIGHBOUR = 4;

    /** Takes the frames of a neighbour when it is known. */
    @FunctionalInterface
    interface FrameConsumer {
        void accept(int portIndex, long mbuf, long mac);
    }

    private final int[] portIndex = new int[NEIGHBOURS];
    private final long[] high = new long[NEIGHBOURS];
    private final long[] low = new long[NEIGHBOURS];
    private final int[] count = new int[NEIGHBOURS];
    private final long[] mbufs = new long[NEIGHBOURS * PER_NEIGHBOUR];
    private int total;

    /** Keeps a frame; false if there is no room for it. */
    boolean add(int port, long addressHigh, long addressLow, long mbuf) {
        int slot = find(port, addressHigh, addressLow);
        if (slot < 0) {
            slot = free();
            if (slot < 0) {
                return false;
            }
            portIndex[slot] = port;
            high[slot] = addressHigh;
            low[slot] = addressLow;
        }
        if (count[slot] == PER_NEIGHBOUR) {
            return false;
        }
        mbufs[slot * PER_NEIGHBOUR + count[slot]] = mbuf;
        count[slot]++;
        total++;
        return true;
    }

    /** Gives the frames of a neighbour to {@code consumer}, oldest first, and forgets them. */
    void release(int port, long addressHigh, long addressLow, long mac, FrameConsumer consumer) {
        if (total == 0) {
            return;
        }
        int slot = find(port, addressHigh, addressLow);
        if (slot >= 0) {
            release(slot, mac, consumer);
        }
    }

    /** Gives away everything, when the lcore ends. */
    void releaseAll(FrameConsumer consumer) {
        for (int slot = 0; slot < NEIGHBOURS; slot++) {
            release(slot, 0, consumer);
        }
    }

    private void release(int slot, long mac, FrameConsumer consumer) {
        int frames = count[slot];
        count[slot] = 0;
        total -= frames;
        for (int i = 0; i < frames; i++) {
            consumer.accept(portIndex[slot], mbufs[slot * PER_NEIGHBOUR + i], mac);
        }
    }

    private int find(int port, long addressHigh, long addressLow) {
        for (int slot = 0; slot < NEIGHBOURS; slot++) {
            if (count[slot] > 0 && low[slot] == addressLow && high[slot] == addressHigh && portIndex[slot] == port) {
                return slot;
            }
        }
        return -1;
    }

    private int free() {
        for (int slot = 0; slot < NEIGHBOURS; slot++) {
            if (count[slot] == 0) {
                return slot;
            }
        }
        return -1;
    }
}
