package dev.toehold.engine;

import dev.toehold.ffi.linux.Affinity;
import java.util.BitSet;
import java.util.List;

/**
 * Keeps what is no lcore off the CPUs of the lcores, as DPDK does with its control threads: a compiler or collector of the JVM that
 * runs on an lcore's CPU holds up packets for as long as the kernel gives it, which is milliseconds.
 */
final class Housekeeping implements AutoCloseable {
    private final BitSet before;

    private Housekeeping(BitSet before) {
        this.before = before;
    }

    /**
     * Before lcores start, which pin themselves; the threads of this process go elsewhere until {@link #close}.
     *
     * @param lcores CPUs that are lcores', none if lcores are not pinned
     * @return whether there is another CPU for them
     */
    static boolean isPossible(List<Integer> lcores) {
        return !others(Affinity.get(), lcores).isEmpty();
    }

    static Housekeeping keepOff(List<Integer> lcores) {
        BitSet before = Affinity.get();
        Affinity.setAll(others(before, lcores));
        return new Housekeeping(before);
    }

    private static BitSet others(BitSet cpus, List<Integer> lcores) {
        BitSet others = (BitSet) cpus.clone();
        lcores.forEach(others::clear);
        return others;
    }

    @Override
    public void close() {
        Affinity.setAll(before);
    }
}
