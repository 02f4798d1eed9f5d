package dev.toehold.perf.rig;

import dev.toehold.ffi.linux.Affinity;
import java.util.BitSet;

/**
 * Which CPU each end runs on, the same for every contender: on the server's everything of the server's side (the kernel
 * server; or the engine's poll thread, the engine's other threads and its client process).
 */
public record Placement(int serverCpu, int generatorCpu) {
    /** The first two CPUs of this process, or twice the only one. */
    public static Placement byDefault() {
        BitSet allowed = Affinity.get();
        int first = allowed.nextSetBit(0);
        int second = allowed.nextSetBit(first + 1);
        return new Placement(first, second < 0 ? first : second);
    }
}
