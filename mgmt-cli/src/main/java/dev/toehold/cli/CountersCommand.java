package dev.toehold.cli;

import dev.toehold.engine.MetricsReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code toehold counters}. */
@Command(
        name = "counters",
        description = "Lists all counters: name, value, unit, labels.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold counters --format json"})
final class CountersCommand extends Listing {
    @Option(names = "--reference", description = "Print what each counter means (docs/metrics.md); asks no engine.")
    private boolean isReference;

    @Override
    String withoutEngine() {
        return isReference ? MetricsReference.toMarkdown() : null;
    }

    @Override
    String request() {
        return "counters";
    }
}
