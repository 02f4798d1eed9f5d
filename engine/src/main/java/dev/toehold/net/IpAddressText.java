package dev.toehold.net;

/**
 * IP addresses as text. Read: IPv4 as four decimal numbers without leading zeros (which some read as octal), IPv6 in all forms
 * of RFC 4291 section 2.2, without a zone. Written: the dotted quad, or RFC 5952's canonical form.
 *
 * <p>{@code ::ffff:a.b.c.d} reads as the IPv4 address a.b.c.d, the same 128 bits, and is written as that.
 */
final class IpAddressText {
    private static final int GROUPS = 8;
    private static final int MAX_LENGTH = 45;

    private IpAddressText() {}

    static IpAddress parse(String text) {
        IpAddress address = null;
        if (text.length() <= MAX_LENGTH) {
            if (text.indexOf(':') >= 0) {
                address = parseIpv6(text);
            } else {
                long ipv4 = parseIpv4(text, 0);
                address = ipv4 < 0 ? null : IpAddress.ofIpv4((int) ipv4);
            }
        }
        if (address == null) {
            throw new IllegalArgumentException(
                    "address=" + text
                            + " is no IP address: write four decimal numbers such as 10.0.0.2, or IPv6 such as fd00::2, without a zone");
        }
        return address;
    }

    /** The 32 bits of a dotted quad that reaches from {@code from} to the end of {@code text}, or -1. */
    private static long parseIpv4(String text, int from) {
        long address = 0;
        int at = from;
        for (int part = 0; part < 4; part++) {
            if (part > 0) {
                if (at >= text.length() || text.charAt(at) != '.') {
                    return -1;
                }
                at++;
            }
            int start = at;
            int value = 0;
            while (at < text.length() && at - start < 3 && isDecimal(text.charAt(at))) {
                value = value * 10 + (text.charAt(at) - '0');
                at++;
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || value > 255 || leadingZero) {
                return -1;
            }
            address = (address << 8) | value;
        }
        return at == text.length() ? address : -1;
    }

    private static IpAddress parseIpv6(String text) {
        int[] groups = new int[GROUPS];
        int count = 0;
        int gap = -1;
        int at = 0;
        if (text.startsWith("::")) {
            gap = 0;
            at = 2;
        }
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && text.charAt(end) != ':') {
                end++;
            }
            if (end == text.length() && text.indexOf('.', at) >= 0) {
                long ipv4 = parseIpv4(text, at);
                if (ipv4 < 0 || count > GROUPS - 2) {
                    return null;
                }
                groups[count++] = (int) (ipv4 >>> 16);
                groups[count++] = (int) ipv4 & 0xFFFF;
                break;
            }
            int group = parseGroup(text, at, end);
            if (group < 0 || count == GROUPS) {
                return null;
            }
            groups[count++] = group;
            if (end == text.length()) {
                break;
            }
            at = end + 1;
            if (at == text.length()) {
                return null;
            }
            if (text.charAt(at) == ':') {
                if (gap >= 0) {
                    return null;
                }
                gap = count;
                at++;
            }
        }
        return assemble(groups, count, gap);
    }

    /** One to four hexadecimal digits, or -1. */
    private static int parseGroup(String text, int from, int end) {
        if (end == from || end - from > 4) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    private static IpAddress assemble(int[] groups, int count, int gap) {
        // A "::" stands for at least one group.
        if (gap < 0 ? count != GROUPS : count >= GROUPS) {
            return null;
        }
        long hi = 0;
        long lo = 0;
        int zeros = GROUPS - count;
        for (int i = 0; i < GROUPS; i++) {
            int group;
            if (gap < 0 || i < gap) {
                group = groups[i];
            } else {
                group = i < gap + zeros ? 0 : groups[i - zeros];
            }
            if (i < 4) {
                hi = (hi << 16) | group;
            } else {
                lo = (lo << 16) | group;
            }
        }
        return new IpAddress(hi, lo);
    }

    static String format(long hi, long lo) {
        StringBuilder text = new StringBuilder(MAX_LENGTH);
        if (IpAddress.isIpv4(hi, lo)) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                text.append((int) (lo >>> shift) & 0xFF);
                if (shift > 0) {
                    text.append('.');
                }
            }
            return text.toString();
        }
        int gapStart = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int run = 0;
            while (i + run < GROUPS && group(hi, lo, i + run) == 0) {
                run++;
            }
            // The longest run of two or more, the first of equals (RFC 5952 sections 4.2.2 and 4.2.3).
            if (run > gapLength) {
                gapStart = i;
                gapLength = run;
            }
        }
        int i = 0;
        while (i < GROUPS) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength;
                continue;
            }
            if (i > 0 && i != gapStart + gapLength) {
                text.append(':');
            }
            text.append(Integer.toHexString(group(hi, lo, i)));
            i++;
        }
        return text.toString();
    }

    private static int group(long hi, long lo, int index) {
        long half = index < 4 ? hi : lo;
        return (int) (half >>> (48 - 16 * (index & 3))) & 0xFFFF;
    }

    private static boolean isDecimal(char c) {
        return c >= '0' && c <= '9';
    }
}
