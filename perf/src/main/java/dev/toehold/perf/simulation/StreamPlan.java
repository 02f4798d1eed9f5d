package dev.toehold.perf.simulation;

import java.util.SplittableRandom;

/**
 * What the application of one side does with one connection. Sizes in bytes.
 *
 * @param content all that it sends
 * @param provided how likely it is, of 16, that it reads from provided buffers rather than posts RECEIVEs
 * @param exact how likely it is, of 16, that a RECEIVE is to be filled
 * @param thinkNs between two acts at most
 * @param abortAt position, sent or received, at which an {@link End#ABORT} comes
 */
@SuppressWarnings("ArrayRecordComponent") // plans are not compared
record StreamPlan(
        byte[] content,
        End end,
        int writeMax,
        int readMax,
        int receiveMax,
        int receives,
        int provided,
        int exact,
        long thinkNs,
        double more,
        double flush,
        long abortAt) {
    /** How it ends. */
    enum End {
        /** FIN behind everything, then reads the rest, then closes. */
        SHUTDOWN,
        /** Closes when the peer has ended. */
        CLOSE_AFTER_PEER,
        /** Closes when everything is submitted, whatever comes yet. */
        CLOSE_EARLY,
        ABORT
    }

    static final int MAX_RECEIVES = 6;

    static StreamPlan of(SplittableRandom random, int length, End end, boolean isExplicit) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        return new StreamPlan(
                content,
                end,
                1 << random.nextInt(5, 17),
                1 << random.nextInt(5, 17),
                1 << (isExplicit ? random.nextInt(12, 15) : random.nextInt(6, 15)),
                1 + random.nextInt(MAX_RECEIVES),
                isExplicit ? 0 : random.nextInt(3) == 0 ? 0 : random.nextInt(17),
                random.nextInt(17),
                1L << random.nextInt(10, 22),
                random.nextInt(3) == 0 ? 0.3 : 0,
                random.nextInt(3) == 0 ? 0.05 : 0,
                random.nextLong(length + 1L));
    }

    /** Whether every byte must arrive, both ways. */
    static boolean isOrderly(End end) {
        return end == End.SHUTDOWN || end == End.CLOSE_AFTER_PEER;
    }

    /** Bytes of client memory for one RECEIVE with a margin before and after it. */
    int receiveStride() {
        return receiveMax + 2 * SimulatedStream.MARGIN;
    }

    /** Bytes of client memory that the stream takes. */
    long memoryBytes() {
        return content.length + (long) MAX_RECEIVES * receiveStride();
    }

    @Override
    public String toString() {
        return ("%s length=%d write=%d read=%d receive=%d*%d provided=%d/16 exact=%d/16 thinkNs=%d more=%.1f flush=%.2f"
                        + " abortAt=%d")
                .formatted(
                        end,
                        content.length,
                        writeMax,
                        readMax,
                        receives,
                        receiveMax,
                        provided,
                        exact,
                        thinkNs,
                        more,
                        flush,
                        abortAt);
    }
}
