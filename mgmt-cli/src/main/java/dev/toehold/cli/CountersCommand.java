package dev.toehold.cli;

import picocli.CommandLine.Command;

/** {@code toehold counters}. */
@Command(
        name = "counters",
        description = "Lists all counters: name, value, unit, labels.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold counters --format json"})
final class CountersCommand extends Listing {
    @Override
    String request() {
        return "counters";
    }
}
