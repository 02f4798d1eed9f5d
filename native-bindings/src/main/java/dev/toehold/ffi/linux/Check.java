package dev.toehold.ffi.linux;

import java.nio.charset.StandardCharsets;

/** Refuses wrong arguments before they reach native code. */
final class Check {
    /** {@code PATH_MAX} less the terminating zero. */
    static final int MAX_PATH_BYTES = 4095;

    private Check() {}

    static long range(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + "=" + value + ": allowed is " + least + " to " + most);
        }
        return value;
    }

    static int range(String name, int value, int least, int most) {
        return (int) range(name, (long) value, least, most);
    }

    static long positive(String name, long value) {
        return range(name, value, 1, Long.MAX_VALUE);
    }

    static int descriptor(int fd) {
        return range("fd", fd, 0, Integer.MAX_VALUE);
    }

    /** A string that C can take: not empty, no zero byte, at most {@code maxBytes} in UTF-8. */
    static String cString(String name, String value, int maxBytes) {
        if (value == null) {
            throw new IllegalArgumentException(name + "=null");
        }
        if (value.isEmpty()) {
            throw new IllegalArgumentException(name + " is empty");
        }
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(name + " contains a zero byte");
        }
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        if (length > maxBytes) {
            throw new IllegalArgumentException(
                    name + "=" + value + " has " + length + " bytes: at most " + maxBytes + " are allowed");
        }
        return value;
    }

    static String path(String path) {
        return cString("path", path, MAX_PATH_BYTES);
    }

    /** Linux interface names: {@code IFNAMSIZ} less the terminating zero, no slash, no white space. */
    static String interfaceName(String name) {
        cString("interface", name, 15);
        if (name.equals(".") || name.equals("..") || name.chars().anyMatch(c -> c == '/' || c == ':' || c <= ' ')) {
            throw new IllegalArgumentException("interface=" + name + ": not a name that Linux allows");
        }
        return name;
    }
}
