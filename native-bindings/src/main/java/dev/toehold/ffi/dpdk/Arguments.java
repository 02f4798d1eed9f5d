package dev.toehold.ffi.dpdk;

import java.util.regex.Pattern;

/** Checks before a native call: DPDK crashes the process on some wrong arguments instead of refusing them. */
final class Arguments {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    private Arguments() {}

    static int checkRange(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + "=" + value + " is not in " + least + ".." + most);
        }
        return (int) value;
    }

    static void checkName(final String what, final String name, final int maxLength) {
        if (!NAME.matcher(name).matches() || name.length() > maxLength) {
            throw new IllegalArgumentException(
                    what + "=\"" + name + "\" must be 1 to " + maxLength + " of the characters A-Za-z0-9._-");
        }
    }
}
