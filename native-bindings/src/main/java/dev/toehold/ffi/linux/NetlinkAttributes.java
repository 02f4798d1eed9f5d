package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The attributes of one netlink message or of one nested attribute; a malformed rest is ignored. */
final class NetlinkAttributes {
    /** Types above this are newer than what is read here. */
    private static final int MAX_TYPE = 127;

    private final MemorySegment[] values = new MemorySegment[MAX_TYPE + 1];

    NetlinkAttributes(MemorySegment attributes) {
        long offset = 0;
        while (offset + NlattrDescriptor.SIZE <= attributes.byteSize()) {
            int length =
                    Short.toUnsignedInt(attributes.get(JAVA_SHORT_UNALIGNED, offset + NlattrDescriptor.LEN_OFFSET));
            int type = Short.toUnsignedInt(attributes.get(JAVA_SHORT_UNALIGNED, offset + NlattrDescriptor.TYPE_OFFSET))
                    & NetlinkH.NLA_TYPE_MASK;
            if (length < NlattrDescriptor.SIZE || length > attributes.byteSize() - offset) {
                return;
            }
            if (type <= MAX_TYPE) {
                values[type] = attributes.asSlice(offset + NlattrDescriptor.SIZE, length - NlattrDescriptor.SIZE);
            }
            offset = NetlinkRequest.align(offset + length);
        }
    }

    boolean has(int type) {
        return values[type] != null;
    }

    /** The value's bytes; empty if it is absent. */
    byte[] bytes(int type) {
        return values[type] == null ? new byte[0] : values[type].toArray(JAVA_BYTE);
    }

    int intValue(int type, int otherwise) {
        return values[type] == null || values[type].byteSize() < Integer.BYTES
                ? otherwise
                : values[type].get(JAVA_INT_UNALIGNED, 0);
    }

    int byteValue(int type, int otherwise) {
        return values[type] == null || values[type].byteSize() < 1
                ? otherwise
                : Byte.toUnsignedInt(values[type].get(JAVA_BYTE, 0));
    }

    /** Up to the terminating zero; empty if absent. */
    String string(int type) {
        byte[] bytes = bytes(type);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(Arrays.copyOf(bytes, end), StandardCharsets.UTF_8);
    }

    /** The attributes within; none if absent. */
    NetlinkAttributes nested(int type) {
        return new NetlinkAttributes(values[type] == null ? MemorySegment.NULL : values[type]);
    }

    /** The raw value, empty if absent: for arrays of structs. */
    MemorySegment segment(int type) {
        return values[type] == null ? MemorySegment.NULL : values[type];
    }
}
