package dev.toehold.perf.peer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Compares one received stream with its {@link BytePattern}, piece by piece as it comes. */
final class PatternVerifier {
    static final long NONE = -1;

    private final BytePattern pattern;
    private final long stream;
    private long position;
    private long firstMismatch = NONE;

    /** The last eight bytes, the newest in the lowest byte. */
    private long last;

    PatternVerifier(BytePattern pattern, long stream) {
        this.pattern = pattern;
        this.stream = stream;
    }

    void accept(MemorySegment memory, long offset, long length) {
        if (firstMismatch == NONE) {
            firstMismatch = pattern.mismatch(stream, position, memory, offset, length);
        }
        position += length;
        if (length >= Long.BYTES) {
            last = memory.get(Services.LONG, offset + length - Long.BYTES);
        } else {
            for (long i = 0; i < length; i++) {
                last = (last << Byte.SIZE) | (memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff);
            }
        }
    }

    /** Bytes so far. */
    long position() {
        return position;
    }

    /** Position of the first wrong byte, or {@link #NONE}. */
    long firstMismatch() {
        return firstMismatch;
    }

    /**
     * Whether the stream, now at its end, was the pattern and then a trailer that tells the right length.
     *
     * @return empty, or what is wrong
     */
    String checkTrailer() {
        long length = position - Services.TRAILER_LENGTH;
        if (length < 0) {
            return "stream " + stream + " ended after " + position + " bytes, without a trailer";
        }
        if (firstMismatch != NONE && firstMismatch < length) {
            return "stream " + stream + " has a wrong byte at position " + firstMismatch + " of " + length;
        }
        return last == length ? "" : "stream " + stream + " ended after " + length + " bytes, its trailer says " + last;
    }
}
