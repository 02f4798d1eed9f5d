package dev.toehold.perf.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each target over its corpus, what was once found included, and over random mutants of it from a printed seed. */
class FuzzRegressionTest {
    private static final Path CORPUS = Path.of("src/test/resources/fuzz");
    private static final int MUTANTS = 3_000;

    private static List<byte[]> corpus(FuzzTarget target) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(CORPUS.resolve(target.word()))) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        return inputs;
    }

    @TestFactory
    Stream<DynamicTest> shouldTakeTheCorpus() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (FuzzTarget target : FuzzTarget.values()) {
            List<byte[]> inputs = corpus(target);
            assertTrue(inputs.size() >= 10, () -> target.word() + " has no corpus");
            tests.add(dynamicTest(target.word(), () -> inputs.forEach(target::run)));
        }
        return tests.stream();
    }

    @Test
    void shouldTakeMutantsOfTheCorpus() throws IOException {
        long seed = Long.getLong("toehold.fuzz.seed", System.nanoTime());
        System.out.println("FuzzRegressionTest: -Dtoehold.fuzz.seed=" + seed);
        Random random = new Random(seed);
        for (FuzzTarget target : FuzzTarget.values()) {
            List<byte[]> inputs = corpus(target);
            for (int i = 0; i < MUTANTS; i++) {
                byte[] mutant = inputs.get(random.nextInt(inputs.size())).clone();
                for (int changes = random.nextInt(8); changes > 0 && mutant.length > 0; changes--) {
                    mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
                }
                try {
                    target.run(mutant);
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError("seed=" + seed + " target=" + target.word() + " mutant=" + i, e);
                }
            }
        }
    }
}
