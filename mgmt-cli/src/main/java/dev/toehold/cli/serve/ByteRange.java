package dev.toehold.cli.serve;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a file that a Range header asks for (RFC 9110 section 14).
 *
 * @param first position of the first byte
 * @param length at least 1
 */
record ByteRange(long first, long length) {
    private static final Pattern SINGLE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

    /** What to do with a Range header. */
    enum Kind {
        /** Not understood, another unit or several ranges: answer with everything. */
        IGNORED,
        /** Nothing of it lies within the file: 416. */
        UNSATISFIABLE,
        SATISFIABLE
    }

    static Kind kind(String header, long size) {
        Matcher matcher = SINGLE.matcher(header);
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return Kind.IGNORED;
        }
        if (matcher.group(1).isEmpty()) {
            return Long.parseLong(matcher.group(2)) == 0 || size == 0 ? Kind.UNSATISFIABLE : Kind.SATISFIABLE;
        }
        long first = Long.parseLong(matcher.group(1));
        if (!matcher.group(2).isEmpty() && Long.parseLong(matcher.group(2)) < first) {
            return Kind.IGNORED;
        }
        return first >= size ? Kind.UNSATISFIABLE : Kind.SATISFIABLE;
    }

    /** The range of a header that is SATISFIABLE for this size. */
    static ByteRange of(String header, long size) {
        Matcher matcher = SINGLE.matcher(header);
        if (kind(header, size) != Kind.SATISFIABLE || !matcher.matches()) {
            throw new IllegalArgumentException("range=" + header + " is not satisfiable for size=" + size);
        }
        if (matcher.group(1).isEmpty()) {
            long length = Math.min(size, Long.parseLong(matcher.group(2)));
            return new ByteRange(size - length, length);
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(matcher.group(2)));
        return new ByteRange(first, last - first + 1);
    }

    /** The value of Content-Range. */
    String contentRange(long size) {
        return "bytes " + first + "-" + (first + length - 1) + "/" + size;
    }
}
