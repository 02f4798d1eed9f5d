package dev.toehold.cli;

import picocli.CommandLine.Command;

/** {@code toehold regions}. */
@Command(
        name = "regions",
        description = "Lists the memory that clients have registered.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold regions"})
final class RegionsCommand extends Listing {
    @Override
    String request() {
        return "regions";
    }
}
