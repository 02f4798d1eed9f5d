package dev.toehold.cli.e2e;

import java.util.concurrent.ThreadLocalRandom;

/** A new seed a run, printed; {@code -Dtoehold.seed=N} runs one again. */
final class Seeds {
    private Seeds() {}

    static long next(String test) {
        long seed = Long.getLong("toehold.seed", ThreadLocalRandom.current().nextLong());
        System.out.println(test + ": seed=" + seed);
        return seed;
    }
}
