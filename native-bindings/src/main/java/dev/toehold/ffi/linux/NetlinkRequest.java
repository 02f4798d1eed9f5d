package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * A netlink request under construction: header, the fixed part of its type, attributes, nested ones included. Bounded:
 * what does not fit throws {@link IndexOutOfBoundsException}.
 */
final class NetlinkRequest {
    private static final int MAX_BYTES = 4096;
    private static final int MAX_DEPTH = 4;

    private final String description;
    private final MemorySegment buffer;
    private final long[] nestStarts = new long[MAX_DEPTH];
    private int depth;
    private long length = NlmsghdrDescriptor.SIZE;

    /**
     * @param description the request with its telling arguments, for error messages
     * @param flags on top of NLM_F_REQUEST
     */
    NetlinkRequest(Arena arena, String description, int type, int flags) {
        this.description = description;
        this.buffer = arena.allocate(MAX_BYTES, Integer.BYTES);
        buffer.set(JAVA_SHORT, NlmsghdrDescriptor.TYPE_OFFSET, (short) type);
        buffer.set(JAVA_SHORT, NlmsghdrDescriptor.FLAGS_OFFSET, (short) (flags | NetlinkH.NLM_F_REQUEST));
    }

    String description() {
        return description;
    }

    /** Appends a zeroed fixed part, to be filled in by the caller. */
    MemorySegment fixed(MemoryLayout layout) {
        MemorySegment fixed = buffer.asSlice(length, layout);
        length = align(length + layout.byteSize());
        return fixed;
    }

    NetlinkRequest put(int type, byte[] value) {
        MemorySegment.copy(MemorySegment.ofArray(value), 0, attribute(type, value.length), 0, value.length);
        return this;
    }

    NetlinkRequest putInt(int type, int value) {
        attribute(type, Integer.BYTES).set(JAVA_INT, 0, value);
        return this;
    }

    /** A string with its terminating zero. */
    NetlinkRequest putString(int type, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, attribute(type, bytes.length + 1), 0, bytes.length);
        return this;
    }

    /** Begins an attribute of attributes; {@link #endNest} closes it. */
    NetlinkRequest beginNest(int type) {
        nestStarts[depth++] = length;
        attribute(type | NetlinkH.NLA_F_NESTED, 0);
        return this;
    }

    NetlinkRequest endNest() {
        long start = nestStarts[--depth];
        buffer.set(JAVA_SHORT, start + NlattrDescriptor.LEN_OFFSET, (short) (length - start));
        return this;
    }

    /** The finished message. */
    MemorySegment finish(int sequence) {
        if (depth != 0) {
            throw new IllegalStateException(description + ": nested attribute left open, depth=" + depth);
        }
        buffer.set(JAVA_INT, NlmsghdrDescriptor.LEN_OFFSET, (int) length);
        buffer.set(JAVA_INT, NlmsghdrDescriptor.SEQ_OFFSET, sequence);
        return buffer.asSlice(0, length);
    }

    static long align(long bytes) {
        return (bytes + 3) & ~3L;
    }

    private MemorySegment attribute(int type, int valueLength) {
        long total = NlattrDescriptor.SIZE + valueLength;
        MemorySegment attribute = buffer.asSlice(length, total);
        attribute.set(JAVA_SHORT, NlattrDescriptor.LEN_OFFSET, (short) total);
        attribute.set(JAVA_SHORT, NlattrDescriptor.TYPE_OFFSET, (short) type);
        length = align(length + total);
        return attribute.asSlice(NlattrDescriptor.SIZE);
    }
}
