package dev.toehold.cli;

import picocli.CommandLine.Command;

/** {@code toehold clients}. */
@Command(
        name = "clients",
        description = "Lists the client processes that are attached.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold clients"})
final class ClientsCommand extends Listing {
    @Override
    String request() {
        return "clients";
    }
}
