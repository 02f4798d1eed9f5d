package dev.toehold.ffi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which user or group ids of the parent namespace this process's user namespace knows (user_namespaces(7)). An id that it does not is shown to
 * it as the overflow id, so where the map has gaps that number can stand for anybody outside.
 *
 * @param isComplete every id is mapped: the overflow id is an id like any other
 * @param overflow what stands for those that are not
 */
public record IdMap(boolean isComplete, int overflow) {
    private static final Path UIDS = Path.of("/proc/self/uid_map");
    private static final Path GIDS = Path.of("/proc/self/gid_map");
    private static final Path OVERFLOW_UID = Path.of("/proc/sys/kernel/overflowuid");
    private static final Path OVERFLOW_GID = Path.of("/proc/sys/kernel/overflowgid");

    /** All ids but -1, which is none. */
    private static final long ALL_IDS = 0xffff_ffffL;

    private static final int LENGTH_FIELD = 2;

    /** Of users. */
    public static IdMap ofUsers() {
        return read(UIDS, OVERFLOW_UID);
    }

    /** Of groups. */
    public static IdMap ofGroups() {
        return read(GIDS, OVERFLOW_GID);
    }

    /** Whether this number can stand for an id that has no number here. */
    public boolean isAmbiguous(int id) {
        return !isComplete && id == overflow;
    }

    private static IdMap read(Path map, Path overflow) {
        try {
            return parse(Files.readAllLines(map), Files.readString(overflow));
        } catch (IOException e) {
            throw new UncheckedIOException(map + " or " + overflow + " cannot be read: is /proc mounted?", e);
        }
    }

    /** Lines of "first here, first there, length", which do not overlap. */
    static IdMap parse(List<String> lines, String overflow) {
        long mapped = 0;
        for (String line : lines) {
            mapped += Long.parseLong(line.strip().split("\\s+", -1)[LENGTH_FIELD]);
        }
        return new IdMap(mapped >= ALL_IDS, Integer.parseUnsignedInt(overflow.strip()));
    }
}
