package dev.toehold.cli;

import picocli.CommandLine.Command;

/** {@code toehold listeners}. */
@Command(
        name = "listeners",
        description = "Lists what clients listen on.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold listeners"})
final class ListenersCommand extends Listing {
    @Override
    String request() {
        return "listeners";
    }
}
