package dev.toehold.perf.interop;

import dev.toehold.perf.link.Impairments;
import java.util.ArrayList;
import java.util.List;

/**
 * One run: what the kernel offers, what the link does to both directions, and the seed that decides the rest. Four connections, which live
 * at the same time: the kernel and the engine each open one over IPv4 and one over IPv6.
 */
public record InteropCase(KernelOptions options, Impairments impairments, int mtu, long seed) {
    /** From a wire to everything at once. */
    public static final List<Impairments> MIXES = List.of(
            Impairments.parse("none"),
            Impairments.parse("loss=2%"),
            Impairments.parse("burst=0.5%:30%,delay=1ms"),
            Impairments.parse("reorder=5%:4,duplicate=3%"),
            Impairments.parse("corrupt=2%,delay=500us"),
            Impairments.parse("delay=5ms,jitter=3ms,loss=0.5%"),
            Impairments.parse("rate=40M,queue=32K,delay=2ms"),
            Impairments.parse("loss=1%,burst=0.2%:30%,duplicate=1%,reorder=2%:3,corrupt=1%,delay=2ms,jitter=1ms"));

    /** Each mix with each combination of options: 64. */
    public static List<InteropCase> all(int mtu, long firstSeed) {
        List<InteropCase> cases = new ArrayList<>();
        for (KernelOptions options : KernelOptions.all()) {
            for (Impairments mix : MIXES) {
                cases.add(new InteropCase(options, mix, mtu, firstSeed + cases.size()));
            }
        }
        return cases;
    }

    /**
     * Each mix and each combination of options once, paired so that over several seeds every pair has its turn: 8.
     */
    public static List<InteropCase> some(int mtu, long firstSeed) {
        List<KernelOptions> options = KernelOptions.all();
        List<InteropCase> cases = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            Impairments mix = MIXES.get((int) Math.floorMod(i + firstSeed, (long) MIXES.size()));
            cases.add(new InteropCase(options.get(i), mix, mtu, firstSeed + i));
        }
        return cases;
    }

    /** Whether nothing that the link does can let an old segment meet a connection that has ended. */
    boolean isOrderly() {
        return impairments.equals(Impairments.NONE);
    }

    @Override
    public String toString() {
        return "mtu=" + mtu + " " + options + " link=" + impairments + " seed=" + seed;
    }
}
