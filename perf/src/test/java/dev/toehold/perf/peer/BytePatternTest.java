package dev.toehold.perf.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class BytePatternTest {
    private static final long FAR = (1L << 40) + 12_345;

    private final BytePattern pattern = new BytePattern(Arena.ofAuto().allocate(BytePattern.LENGTH));

    /** Bytes of a stream as a sender takes them out of the pattern. */
    private MemorySegment stream(long stream, long position, int length) {
        MemorySegment bytes = Arena.ofAuto().allocate(length);
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, BytePattern.MAX_CHUNK);
            int offset = BytePattern.offset(stream, position + done);
            MemorySegment.copy(pattern.memory(), offset, bytes, done, count);
            done += count;
        }
        return bytes;
    }

    @Test
    void shouldAgreeWhateverThePiecesWere() {
        MemorySegment all = stream(3, FAR, 3 * BytePattern.MAX_CHUNK + 17);
        assertEquals(-1, pattern.mismatch(3, FAR, all, 0, all.byteSize()));
        for (int from = 0; from < BytePattern.PERIOD; from += 4099) {
            assertEquals(-1, pattern.mismatch(3, FAR + from, all, from, 1460), "from=" + from);
        }
    }

    @Test
    void shouldFindOneWrongByte() {
        MemorySegment all = stream(1, 0, 2 * BytePattern.MAX_CHUNK);
        long wrong = BytePattern.MAX_CHUNK + 777;
        all.set(ValueLayout.JAVA_BYTE, wrong, (byte) (all.get(ValueLayout.JAVA_BYTE, wrong) ^ 1));
        assertEquals(wrong, pattern.mismatch(1, 0, all, 0, all.byteSize()));
    }

    @Test
    void shouldFindBytesOfAnotherPlace() {
        for (int shift : new int[] {1, 8, 1448, 1460, 2048, 16 << 10, 64 << 10, 128 << 10, 256 << 10, 1 << 20}) {
            MemorySegment moved = stream(1, shift, 1448);
            assertNotEquals(-1, pattern.mismatch(1, 0, moved, 0, 1448), "shift=" + shift);
        }
    }

    @Test
    void shouldFindBytesOfAnotherStream() {
        for (int other = 0; other < 64; other++) {
            MemorySegment bytes = stream(other, 0, 1448);
            assertEquals(other == 5 ? -1 : 0, Math.min(pattern.mismatch(5, 0, bytes, 0, 1448), 0), "other=" + other);
        }
    }
}
