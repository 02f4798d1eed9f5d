package dev.toehold.tcp;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The scripts among the test resources. */
final class ScriptFiles {
    private static final String DIRECTORY = "scripts";

    private ScriptFiles() {}

    static List<Path> all() throws IOException, URISyntaxException {
        URI uri =
                Objects.requireNonNull(ScriptFiles.class.getResource(DIRECTORY)).toURI();
        try (Stream<Path> files = Files.walk(Path.of(uri))) {
            return files.filter(file -> file.toString().endsWith(".script"))
                    .sorted()
                    .toList();
        }
    }

    /** {@code mechanism/name}. */
    static String name(Path file) {
        return file.getParent().getFileName() + "/" + file.getFileName();
    }

    static Script parse(Path file) throws IOException {
        return ScriptParser.parse(name(file), Files.readString(file));
    }
}
