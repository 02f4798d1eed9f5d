package dev.toehold.perf.fuzz;

import java.util.Locale;

/** Where Jazzer calls: the target is chosen by a system property. */
public final class FuzzEntry {
    static final String TARGET_PROPERTY = "toehold.fuzz.target";

    private static final FuzzTarget TARGET =
            FuzzTarget.valueOf(System.getProperty(TARGET_PROPERTY, "frame").toUpperCase(Locale.ROOT));

    private FuzzEntry() {}

    /** By Jazzer's convention. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }
}
