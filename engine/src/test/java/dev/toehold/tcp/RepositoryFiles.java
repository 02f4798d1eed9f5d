package dev.toehold.tcp;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the sources are, whatever directory the tests run in. */
final class RepositoryFiles {
    private RepositoryFiles() {}

    static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (at != null && !Files.exists(at.resolve("docs/architecture.md"))) {
            at = at.getParent();
        }
        if (at == null) {
            throw new IllegalStateException(
                    "no docs/architecture.md above " + Path.of("").toAbsolutePath());
        }
        return at;
    }
}
