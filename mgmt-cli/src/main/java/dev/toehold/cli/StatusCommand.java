package dev.toehold.cli;

import picocli.CommandLine.Command;

/** {@code toehold status}. */
@Command(
        name = "status",
        description = "Shows the engine as a whole.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold status"})
final class StatusCommand extends Listing {
    @Override
    String request() {
        return "status";
    }

    @Override
    boolean isDetail() {
        return true;
    }
}
