package dev.toehold.cli.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The launcher and what it starts, as unpacked somewhere for all users: what is tested, though the build may lie where only root can read. */
final class Installation {
    private static final String MAIN_CLASS = "dev/toehold/cli/Main.class";

    private final Path launcher;

    private Installation(Path launcher) {
        this.launcher = launcher;
    }

    /** Copies the class path of this test to below {@code directory}, which the others can read from then on. */
    static Installation create(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Files.createDirectory(directory.resolve("installation"));
        Path target = Files.createDirectories(home.resolve("mgmt-cli/target"));
        Path lib = Files.createDirectory(target.resolve("lib"));
        int count = 0;
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path source = Path.of(entry);
            Path jar = lib.resolve(count++ + ".jar");
            if (Files.isRegularFile(source)) {
                Files.copy(source, jar);
            } else if (Files.isDirectory(source) && isProgram(source)) {
                pack(source, jar);
            }
        }
        Path options = Files.createDirectories(home.resolve("config/jvm"));
        try (Stream<Path> files = Files.list(Path.of("..", "config", "jvm"))) {
            for (Path file : files.toList()) {
                Files.copy(file, options.resolve(file.getFileName()));
            }
        }
        // Without a pom.xml beside it, the launcher builds nothing.
        Files.createFile(target.resolve("launcher.stamp"));
        Path launcher = Files.copy(Path.of("..", "toehold"), home.resolve("toehold"));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Installation(launcher);
    }

    /** Not a directory of test classes. */
    private static boolean isProgram(Path classes) throws IOException {
        try (Stream<Path> paths = Files.walk(classes)) {
            return Files.exists(classes.resolve(MAIN_CLASS))
                    || paths.noneMatch(path -> path.toString().endsWith("Test.class"));
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (Stream<Path> paths = Files.walk(classes);
                OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.setLevel(0);
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(path).toString()));
                Files.copy(path, out);
            }
        }
    }

    /** The command line {@code toehold ARGUMENT...}, on the JDK of this test. */
    List<String> toehold(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of("env", "JAVA_HOME=" + System.getProperty("java.home"), launcher.toString()));
        command.addAll(List.of(arguments));
        return command;
    }
}
