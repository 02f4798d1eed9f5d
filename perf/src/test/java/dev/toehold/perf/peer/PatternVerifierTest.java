package dev.toehold.perf.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PatternVerifierTest {
    private static final int STREAM = 2;
    private static final int LENGTH = 100_000;
    private static final long SEED = 42;

    private final BytePattern pattern = new BytePattern(Arena.ofAuto().allocate(BytePattern.LENGTH));
    private final PatternVerifier verifier = new PatternVerifier(pattern, STREAM);

    private MemorySegment withTrailer(int length, long trailer) {
        MemorySegment bytes = Arena.ofAuto().allocate((long) length + Services.TRAILER_LENGTH);
        MemorySegment.copy(pattern.memory(), BytePattern.offset(STREAM, 0), bytes, 0, length);
        bytes.set(Services.LONG, length, trailer);
        return bytes;
    }

    @Test
    void shouldAcceptAStreamInPiecesOfAnySize() {
        MemorySegment bytes = withTrailer(LENGTH, LENGTH);
        SplittableRandom random = new SplittableRandom(SEED);
        for (long at = 0; at < bytes.byteSize(); ) {
            long count = Math.min(
                    random.nextInt(4) == 0 ? random.nextInt(1, 8) : random.nextInt(1, 5000), bytes.byteSize() - at);
            verifier.accept(bytes, at, count);
            at += count;
        }
        assertEquals(LENGTH + Services.TRAILER_LENGTH, verifier.position());
        assertEquals("", verifier.checkTrailer(), "seed=" + SEED);
    }

    @Test
    void shouldAcceptATrailerByteByByte() {
        MemorySegment bytes = withTrailer(10, 10);
        for (long at = 0; at < bytes.byteSize(); at++) {
            verifier.accept(bytes, at, 1);
        }
        assertEquals("", verifier.checkTrailer());
    }

    @Test
    void shouldRefuseALastByteThatIsWrong() {
        MemorySegment bytes = withTrailer(LENGTH, LENGTH);
        byte right = bytes.get(ValueLayout.JAVA_BYTE, LENGTH - 1);
        bytes.set(ValueLayout.JAVA_BYTE, LENGTH - 1, (byte) ~right);
        verifier.accept(bytes, 0, bytes.byteSize());
        assertEquals(LENGTH - 1, verifier.firstMismatch());
        assertTrue(verifier.checkTrailer().contains("position " + (LENGTH - 1)), verifier.checkTrailer());
    }

    @Test
    void shouldRefuseAnotherLengthThanTheTrailers() {
        verifier.accept(withTrailer(LENGTH, LENGTH + 1), 0, LENGTH + Services.TRAILER_LENGTH);
        assertTrue(verifier.checkTrailer().contains("trailer says " + (LENGTH + 1)), verifier.checkTrailer());
    }

    @Test
    void shouldRefuseAStreamWithoutATrailer() {
        verifier.accept(withTrailer(LENGTH, LENGTH), 0, 5);
        assertTrue(verifier.checkTrailer().contains("without a trailer"), verifier.checkTrailer());
    }

    @Test
    void shouldKeepTheFirstMismatch() {
        MemorySegment zeros = Arena.ofAuto().allocate(1000);
        verifier.accept(withTrailer(100, 0), 0, 100);
        verifier.accept(zeros, 0, 1000);
        long first = verifier.firstMismatch();
        assertTrue(first >= 100 && first < 110, "first=" + first);
        verifier.accept(zeros, 0, 1000);
        assertEquals(first, verifier.firstMismatch());
    }
}
