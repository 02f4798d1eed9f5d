package dev.toehold.perf.fuzz;

import dev.toehold.cli.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code toehold bench fuzz}: Jazzer in a JVM of its own for each target, or one input again. */
@Command(
        name = "fuzz",
        description = {
            "Feeds any bytes to what reads the wire, led by coverage (Jazzer), until the time is over or something is found.",
            "",
            "Targets: frame, options, link, fragments, segments. docs/fuzzing.md says what each checks.",
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: toehold bench fuzz segments --seconds 600 --corpus /var/tmp/fuzz",
            "Replay:  toehold bench fuzz segments --replay /var/tmp/fuzz/segments-findings/crash-..."
        })
public final class FuzzCommand implements Callable<Integer> {
    private static final int MAX_SECONDS = 7 * 86_400;
    private static final int MAX_INPUT_LENGTH = 8192;

    /** Of Jazzer, for an exception; libFuzzer's own, for a timeout or too much memory, are 70 and 71. */
    private static final int EXIT_FINDING = 77;

    private static final int EXIT_TIMEOUT = 70;
    private static final int EXIT_MEMORY = 71;

    @Parameters(paramLabel = "TARGET", arity = "0..1", description = "Default: all, one after the other.")
    private String target;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "For each target, 1 to 604800; default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--corpus",
            paramLabel = "DIR",
            description = "Keeps inputs in DIR/TARGET and findings in DIR/TARGET-findings; default: a new directory.")
    private Path corpus;

    @Option(names = "--replay", paramLabel = "FILE", description = "Runs this input alone and tells what it does.")
    private Path replay;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<FuzzTarget> targets = targets();
        if (replay != null) {
            return replay(targets);
        }
        if (seconds < 1 || seconds > MAX_SECONDS) {
            throw wrong("--seconds=" + seconds + ", allowed: 1 .. " + MAX_SECONDS);
        }
        Path directory = corpus != null ? corpus : Files.createTempDirectory("toehold-fuzz-");
        int found = 0;
        for (FuzzTarget each : targets) {
            found += fuzz(each, directory);
        }
        if (found > 0) {
            throw new CommandFailedException(found + " targets have findings under " + directory
                    + ": replay one with `toehold bench fuzz TARGET --replay FILE`");
        }
        return 0;
    }

    private List<FuzzTarget> targets() {
        if (target == null) {
            return Arrays.asList(FuzzTarget.values());
        }
        return Arrays.stream(FuzzTarget.values())
                .filter(each -> each.word().equals(target))
                .findFirst()
                .map(List::of)
                .orElseThrow(() -> wrong("TARGET=" + target + ", allowed: " + FuzzTarget.words()));
    }

    private int replay(List<FuzzTarget> targets) throws IOException {
        if (targets.size() != 1) {
            throw wrong("--replay needs the TARGET that the input is for: one of " + FuzzTarget.words());
        }
        byte[] input = Files.readAllBytes(replay);
        try {
            targets.getFirst().run(input);
        } catch (RuntimeException | AssertionError e) {
            e.printStackTrace(spec.commandLine().getErr());
            throw new CommandFailedException("finding: " + e, e);
        }
        spec.commandLine().getOut().println(replay + ": " + input.length + " bytes, nothing found");
        return 0;
    }

    /** 1 = something was found. */
    private int fuzz(FuzzTarget each, Path directory) throws IOException, InterruptedException {
        Path inputs = Files.createDirectories(directory.resolve(each.word()));
        Path findings = Files.createDirectories(directory.resolve(each.word() + "-findings"));
        spec.commandLine().getOut().println(each.word() + " (" + each.meaning() + "), corpus " + inputs);
        spec.commandLine().getOut().flush();
        Process process =
                new ProcessBuilder(command(each, inputs, findings)).inheritIO().start();
        try {
            int exitCode = process.waitFor();
            if (exitCode != 0 && exitCode != EXIT_FINDING && exitCode != EXIT_TIMEOUT && exitCode != EXIT_MEMORY) {
                throw new CommandFailedException("Jazzer ended with exit code " + exitCode + ": see its output");
            }
            return exitCode == 0 ? 0 : 1;
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> command(FuzzTarget each, Path inputs, Path findings) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-XX:+EnableDynamicAgentLoading",
                "-Xmx512m",
                "-D" + FuzzEntry.TARGET_PROPERTY + "=" + each.word(),
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzEntry.class.getName(),
                // Only what is ours is measured; the targets themselves are not what is to be covered.
                "--instrumentation_includes=dev.toehold.net.**:dev.toehold.tcp.**:dev.toehold.stack.**",
                "--custom_hook_excludes=**",
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.**",
                "--reproducer_path=" + findings.toAbsolutePath(),
                "-artifact_prefix=" + findings.toAbsolutePath() + "/",
                "-max_total_time=" + seconds,
                "-max_len=" + MAX_INPUT_LENGTH,
                "-timeout=10",
                "-print_final_stats=1",
                inputs.toAbsolutePath().toString()));
        return command;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
