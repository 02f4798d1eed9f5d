package dev.toehold.ffi.linux;

import java.util.HexFormat;

/**
 * A 48-bit Ethernet address.
 *
 * @param value the address, its first byte on the wire in bits 40 to 47
 */
public record MacAddress(long value) {
    public static final MacAddress NONE = new MacAddress(0);

    private static final int BYTES = 6;
    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("value=0x" + Long.toHexString(value) + ": more than 48 bits");
        }
    }

    /** Of 6 bytes in wire order. */
    public static MacAddress of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("length=" + bytes.length + ": a MAC address has 6 bytes");
        }
        long value = 0;
        for (byte b : bytes) {
            value = (value << Byte.SIZE) | Byte.toUnsignedLong(b);
        }
        return new MacAddress(value);
    }

    /** Of the form {@code 02:00:5e:10:00:01}. */
    public static MacAddress parse(String text) {
        try {
            return of(COLONS.parseHex(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("address=" + text + ": not of the form 02:00:5e:10:00:01", e);
        }
    }

    /** 6 bytes in wire order. */
    public byte[] toBytes() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (value >>> (Byte.SIZE * (BYTES - 1 - i)));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return COLONS.formatHex(toBytes());
    }
}
