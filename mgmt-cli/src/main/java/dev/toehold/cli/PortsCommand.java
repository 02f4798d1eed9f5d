package dev.toehold.cli;

import picocli.CommandLine.Command;

/** {@code toehold ports}. */
@Command(
        name = "ports",
        description = "Lists the engine's ports: driver, MTU, link and what the adapter does in hardware.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold ports --format json"})
final class PortsCommand extends Listing {
    @Override
    String request() {
        return "ports";
    }
}
