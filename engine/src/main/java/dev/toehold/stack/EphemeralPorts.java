package dev.toehold.stack;

import dev.toehold.net.SipHash;

/**
 * Local TCP ports for active opens, by RFC 6056 section 3.3.4: the search for a tuple's port begins at a keyed hash of the destination
 * plus a counter of its bucket plus a random step, so that ports cannot be guessed across destinations and a port rests before it is
 * used again to the same one.
 *
 * <p>The search is bounded; the caller says by {@link Candidate} which port will do: free, and where the hardware or the dispatch hash
 * chooses the lcore, one that hashes home.
 */
final class EphemeralPorts {
    static final int NONE = -1;
    static final int FIRST = 32_768;
    static final int COUNT = 60_999 - FIRST + 1;

    /** With n lcores one candidate in n hashes home: this many tries fail with probability below 2^-23 even for 128 lcores. */
    private static final int MAX_TRIES = 2_048;

    private static final int BUCKETS = 1_024;

    /** Whether a port will do. */
    @FunctionalInterface
    interface Candidate {
        boolean accepts(long localHigh, long localLow, long remoteHigh, long remoteLow, int localPort, int remotePort);
    }

    private final SipHash hash;
    private final int[] table = new int[BUCKETS];

    EphemeralPorts(long key0, long key1) {
        // Not the key of the sequence numbers as such: two functions of one key must not share their values.
        hash = new SipHash(2, 4, key0, ~key1);
    }

    /**
     * Searches a port for a connection to this destination.
     *
     * @param random a random word
     * @return a port that {@code candidate} accepts, or {@link #NONE} after a bounded search
     */
    int find(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            long random,
            Candidate candidate) {
        long keyed = hash.hash(localHigh, localLow, remoteHigh, remoteLow, remotePort);
        int bucket = (int) (keyed >>> 32) & (BUCKETS - 1);
        table[bucket] += 1 + (int) (random & 7);
        int offset = Integer.remainderUnsigned((int) keyed + table[bucket], COUNT);
        for (int i = 0; i < MAX_TRIES; i++) {
            int port = FIRST + offset;
            if (candidate.accepts(localHigh, localLow, remoteHigh, remoteLow, port, remotePort)) {
                table[bucket] += i;
                return port;
            }
            offset = offset + 1 == COUNT ? 0 : offset + 1;
        }
        return NONE;
    }
}
