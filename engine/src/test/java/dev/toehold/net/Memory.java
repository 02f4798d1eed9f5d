package dev.toehold.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** Native memory for tests, of exactly the size asked for: one byte beyond is an exception. */
public final class Memory {
    private Memory() {}

    static MemorySegment allocate(long size) {
        return Arena.ofAuto().allocate(size);
    }

    /** Hexadecimal digits, blanks ignored. */
    static MemorySegment hex(String text) {
        return of(HexFormat.of().parseHex(text.replaceAll("\\s", "")));
    }

    static MemorySegment of(byte[] bytes) {
        MemorySegment memory = allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    static String toHex(MemorySegment memory, long offset, long length) {
        return HexFormat.of().formatHex(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
