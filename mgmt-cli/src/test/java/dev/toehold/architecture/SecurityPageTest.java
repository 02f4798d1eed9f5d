package dev.toehold.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/security.md claims nothing without a test, and names no test that is not there. */
class SecurityPageTest {
    private static final Pattern REFERENCE = Pattern.compile("`([A-Z]\\w*(?:Test|IT))\\.(\\w+)`");
    private static final Pattern ANNOTATION =
            Pattern.compile("@(?:Test|ParameterizedTest|RepeatedTest|Property|TestFactory)\\b");
    private static final List<String> MODULES = List.of("native-bindings", "client", "engine", "mgmt-cli", "perf");
    private static final int LEAST_CLAIMS = 25;

    private final Path root = root();

    @Test
    void shouldNameOnlyTestsThatExist() throws IOException {
        List<String> missing = new ArrayList<>();
        Matcher reference = REFERENCE.matcher(page());
        while (reference.find()) {
            if (!isTest(reference.group(1), reference.group(2))) {
                missing.add(reference.group());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldShowEachClaimByATest() throws IOException {
        List<String> claims = page().lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| ---") && !line.endsWith("| shown by |"))
                .toList();
        assertTrue(claims.size() >= LEAST_CLAIMS, claims.toString());
        for (String claim : claims) {
            String shownBy = claim.substring(claim.lastIndexOf('|', claim.length() - 2));
            assertTrue(REFERENCE.matcher(shownBy).find(), claim);
        }
    }

    @Test
    void shouldBeReachedFromTheFrontPages() throws IOException {
        assertTrue(Files.readString(root.resolve("README.md")).contains("(docs/security.md)"));
        assertTrue(Files.readString(root.resolve("SECURITY.md")).contains("(docs/security.md)"));
    }

    private String page() throws IOException {
        return Files.readString(root.resolve("docs/security.md"));
    }

    /** Whether one of the classes of this name has a test method of that name. */
    private boolean isTest(String className, String method) throws IOException {
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(f -> f.endsWith(className + ".java")).toList()) {
                    String source = Files.readString(file);
                    int declared = source.indexOf("void " + method + "(");
                    // Its annotations stand between it and the empty line before.
                    if (declared > 0
                            && ANNOTATION
                                    .matcher(source.substring(source.lastIndexOf("\n\n", declared), declared))
                                    .find()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (at != null && !Files.exists(at.resolve("docs/security.md"))) {
            at = at.getParent();
        }
        return at;
    }
}
