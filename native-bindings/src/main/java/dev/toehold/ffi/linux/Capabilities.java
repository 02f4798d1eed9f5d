package dev.toehold.ffi.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** The effective capabilities of a thread (capabilities(7)): capset works per thread, so threads can differ. */
public final class Capabilities {
    /** Those that matter here, numbered as in {@code linux/capability.h}. */
    public enum Capability {
        CAP_CHOWN(0),
        CAP_DAC_OVERRIDE(1),
        CAP_KILL(5),
        CAP_NET_BIND_SERVICE(10),
        CAP_NET_ADMIN(12),
        CAP_NET_RAW(13),
        CAP_IPC_LOCK(14),
        CAP_SYS_PTRACE(19),
        CAP_SYS_ADMIN(21),
        CAP_SYS_NICE(23),
        CAP_SYS_RESOURCE(24),
        CAP_PERFMON(38),
        CAP_BPF(39);

        private final int number;

        Capability(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    private static final String FIELD = "CapEff:";

    private final long effective;

    private Capabilities(long effective) {
        this.effective = effective;
    }

    /** Those of the calling thread (of its carrier, if it is virtual). */
    public static Capabilities ofCurrentThread() {
        Path status = Path.of("/proc/thread-self/status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(FIELD)) {
                    return new Capabilities(Long.parseUnsignedLong(
                            line.substring(FIELD.length()).strip(), 16));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(status + " cannot be read: is /proc mounted?", e);
        }
        throw new IllegalStateException(status + " has no line " + FIELD);
    }

    /** A set that is nobody's, to ask about. */
    public static Capabilities of(Set<Capability> capabilities) {
        long effective = 0;
        for (Capability capability : capabilities) {
            effective |= 1L << capability.number;
        }
        return new Capabilities(effective);
    }

    public boolean has(Capability capability) {
        return (effective >>> capability.number & 1) != 0;
    }

    /** Which of {@code needed} are missing; empty if none. */
    public Set<Capability> missing(Set<Capability> needed) {
        Set<Capability> missing = EnumSet.noneOf(Capability.class);
        for (Capability capability : needed) {
            if (!has(capability)) {
                missing.add(capability);
            }
        }
        return missing;
    }

    @Override
    public String toString() {
        return "effective=0x" + Long.toHexString(effective);
    }
}
