package dev.toehold.cli.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * The version of a file by size and time of its last change.
 *
 * @param entityTag a strong entity tag with its quotes (RFC 9110 section 8.8.3)
 */
record FileTag(String entityTag, Instant lastModified) {
    static FileTag of(Path path, long size) throws IOException {
        Instant modified = Files.getLastModifiedTime(path).toInstant();
        long stamp = modified.getEpochSecond() * 1_000_000_000 + modified.getNano();
        return new FileTag('"' + Long.toHexString(size) + "-" + Long.toHexString(stamp) + '"', modified);
    }

    /** Whether a list of entity tags, or {@code *}, names this version; a weak tag never does (RFC 9110 section 8.8.3.2). */
    boolean matches(String condition) {
        return Arrays.stream(condition.split(",", -1))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(entityTag));
    }

    /** The same where weak tags count. */
    boolean matchesWeakly(String condition) {
        return matches(condition.replace("W/\"", "\""));
    }
}
