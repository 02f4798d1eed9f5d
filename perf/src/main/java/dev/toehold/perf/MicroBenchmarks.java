package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the classes of {@code dev.toehold.perf.micro} with JMH, in a JVM of their own. */
final class MicroBenchmarks {
    private static final String PACKAGE = "dev\\.toehold\\.perf\\.micro\\.";
    private static final TimeValue ITERATION = TimeValue.milliseconds(200);
    private static final int WARM_UP_ITERATIONS = 5;
    private static final int ITERATIONS = 10;

    private MicroBenchmarks() {}

    static void run() {
        try {
            new Runner(new OptionsBuilder()
                            .include(PACKAGE)
                            .forks(1)
                            .warmupIterations(WARM_UP_ITERATIONS)
                            .warmupTime(ITERATION)
                            .measurementIterations(ITERATIONS)
                            .measurementTime(ITERATION)
                            .jvmArgs(
                                    "--enable-native-access=ALL-UNNAMED",
                                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                                    "-XX:-UsePerfData",
                                    "-XX:+UseSerialGC")
                            .build())
                    .run();
        } catch (RunnerException e) {
            throw new CommandFailedException("the micro-benchmarks failed: " + e.getMessage(), e);
        }
    }
}
