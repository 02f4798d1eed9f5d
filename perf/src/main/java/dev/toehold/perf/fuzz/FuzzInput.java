package dev.toehold.perf.fuzz;

import java.util.Arrays;

/** An input read as a sequence of choices; behind its end every choice is 0. */
final class FuzzInput {
    private final byte[] bytes;
    private int at;

    FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    int u8() {
        return at < bytes.length ? bytes[at++] & 0xFF : 0;
    }

    int u16() {
        return (u8() << 8) | u8();
    }

    int i32() {
        return (u16() << 16) | u16();
    }

    /** At most {@code length} bytes. */
    byte[] take(int length) {
        int count = Math.min(length, bytes.length - at);
        byte[] taken = Arrays.copyOfRange(bytes, at, at + count);
        at += count;
        return taken;
    }

    static void check(boolean condition, String what, long value) {
        if (!condition) {
            throw new AssertionError(what + ": " + value);
        }
    }
}
