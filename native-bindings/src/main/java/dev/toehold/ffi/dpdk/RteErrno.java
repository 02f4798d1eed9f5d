package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/** {@code rte_errno}, a thread-local of DPDK, and its texts. */
final class RteErrno {
    private static final MethodHandle STRERROR =
            Dpdk.load().function("eal", "rte_strerror", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(2, "ENOENT"),
            Map.entry(5, "EIO"),
            Map.entry(11, "EAGAIN"),
            Map.entry(12, "ENOMEM"),
            Map.entry(13, "EACCES"),
            Map.entry(16, "EBUSY"),
            Map.entry(17, "EEXIST"),
            Map.entry(19, "ENODEV"),
            Map.entry(22, "EINVAL"),
            Map.entry(28, "ENOSPC"),
            Map.entry(36, "ENAMETOOLONG"),
            Map.entry(95, "ENOTSUP"),
            Map.entry(114, "EALREADY"));

    private RteErrno() {}

    /** The calling thread's value; it must be read on the platform thread whose call failed. */
    static int get() {
        // dlsym of a thread-local symbol resolves for the calling thread, so the address is never kept.
        return Memory.getInt(Dpdk.load().symbol("eal", "per_lcore__rte_errno").address());
    }

    /** Text of a positive or negative errno, as in {@code EINVAL (Invalid argument)}. */
    static String text(final int errno) {
        final int positive = Math.abs(errno);
        try {
            final String text = Memory.getString((long) STRERROR.invokeExact(positive), 256);
            return NAMES.getOrDefault(positive, "errno=" + positive) + " (" + text + ")";
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
