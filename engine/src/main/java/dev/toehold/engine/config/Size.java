package dev.toehold.engine.config;

/** Sizes as people write them: a number of bytes, or with a suffix K, M, G or T (powers of 1024). */
public final class Size {
    private static final String SUFFIXES = "KMGT";

    private Size() {}

    /**
     * Reads "4096", "64K", "1G".
     *
     * @throws IllegalArgumentException if the text is no size or beyond 63 bits
     */
    public static long parse(String text) {
        int suffix = text.isEmpty() ? -1 : SUFFIXES.indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
        String digits = suffix < 0 ? text : text.substring(0, text.length() - 1);
        int shift = 10 * (suffix + 1);
        if (!digits.matches("[0-9]{1,18}") || Long.parseLong(digits) > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("size=" + text + " is none: write a number of bytes, or 64K, 256M, 1G");
        }
        return Long.parseLong(digits) << shift;
    }

    /** The shortest exact form: the largest suffix that divides it. */
    public static String format(long bytes) {
        int suffix = 0;
        long value = bytes;
        while (value != 0 && suffix < SUFFIXES.length() && value % 1024 == 0) {
            value /= 1024;
            suffix++;
        }
        return suffix == 0 ? Long.toString(value) : Long.toString(value) + SUFFIXES.charAt(suffix - 1);
    }
}
