package dev.toehold.net;

/** Ethernet addresses: the low 48 bits of a long, first byte on the wire highest. */
public final class MacAddress {
    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    private static final int LENGTH = 6;

    private MacAddress() {}

    /** Whether the group bit is set: multicast or broadcast. */
    public static boolean isMulticast(long mac) {
        return (mac & 0x0100_0000_0000L) != 0;
    }

    /** Reads six pairs of hexadecimal digits with colons, or hyphens, between them. */
    public static long parse(String text) {
        boolean valid = text.length() == 3 * LENGTH - 1;
        long mac = 0;
        for (int i = 0; valid && i < text.length(); i++) {
            char c = text.charAt(i);
            if (i % 3 == 2) {
                valid = (c == ':' || c == '-') && c == text.charAt(2);
            } else {
                int digit = c < 128 ? Character.digit(c, 16) : -1;
                valid = digit >= 0;
                mac = (mac << 4) | digit;
            }
        }
        if (!valid) {
            throw new IllegalArgumentException("mac=" + text
                    + " is no MAC address: write six pairs of hexadecimal digits, as in 02:00:00:00:00:01");
        }
        return mac;
    }

    /** Lower-case pairs with colons between them. */
    public static String format(long mac) {
        StringBuilder text = new StringBuilder(3 * LENGTH - 1);
        for (int shift = 40; shift >= 0; shift -= 8) {
            int value = (int) (mac >>> shift) & 0xFF;
            text.append(Character.forDigit(value >>> 4, 16)).append(Character.forDigit(value & 0xF, 16));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }

    /** The six bytes at {@code offset}, first byte highest. */
    public static long of(byte[] bytes, int offset) {
        long mac = 0;
        for (int i = 0; i < LENGTH; i++) {
            mac = (mac << 8) | (bytes[offset + i] & 0xFF);
        }
        return mac;
    }
}
