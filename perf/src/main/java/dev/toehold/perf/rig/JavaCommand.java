package dev.toehold.perf.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of child JVMs with this JVM's own class path. */
public final class JavaCommand {
    private static final String LAUNCHER_PROPERTY = "toehold.launcher";
    private static final String PEER_MAIN = "dev.toehold.perf.peer.PeerMain";
    private static final String CLI_MAIN = "dev.toehold.cli.Main";

    private JavaCommand() {}

    /** A program of {@link dev.toehold.perf.peer.PeerMain}: both servers and the generator run with the same flags. */
    static List<String> peer(String... arguments) {
        return java(List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmx256m"), PEER_MAIN, arguments);
    }

    /** The engine, started as users start it; without a launcher, as in the tests, with the flags that it would give. */
    static List<String> engine(Path configuration) {
        String launcher = System.getProperty(LAUNCHER_PROPERTY);
        return launcher != null
                ? List.of(launcher, "run", "--config", configuration.toString())
                : java(
                        List.of("-XX:+UseZGC", "-Xms64m", "-Xmx256m"),
                        CLI_MAIN,
                        "run",
                        "--config",
                        configuration.toString());
    }

    /** A program on the class path of this one. */
    public static List<String> java(List<String> flags, String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-XX:-UsePerfData"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return command;
    }
}
