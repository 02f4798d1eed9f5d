package dev.toehold.perf.simulation;

import java.util.BitSet;

/** What a restarted engine would find of a connection, and what its peer was told: kept beside the record, by the checks alone. */
final class CommitRecord {
    int state;
    long rcvPosition;
    long rcvEdge;
    long sndMax = -1;
    long sndUna = -1;
    long finSent = -1;
    long finReceived = -1;

    /** Positions that were placed. */
    final BitSet placed = new BitSet();

    private int placedPrefix;

    /** The furthest window edge that the wire has shown. */
    long wireEdge = Long.MIN_VALUE / 2;

    /** The furthest edge that the peer has allowed. */
    long allowedEdge;

    long lastProbeNs = Long.MIN_VALUE;
    long probeEdge = -1;
    boolean isTerminated;

    /** Whatever was placed from here on may be placed again. */
    void forgetBeyond(long position) {
        if (placed.length() > position) {
            placed.clear((int) position, placed.length());
        }
    }

    /** Bytes from 0 on that were placed without a hole. */
    int placedPrefix() {
        placedPrefix = placed.nextClearBit(placedPrefix);
        return placedPrefix;
    }
}
