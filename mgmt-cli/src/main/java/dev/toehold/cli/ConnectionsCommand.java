package dev.toehold.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code toehold connections}. */
@Command(
        name = "connections",
        description = "Lists the TCP connections, or shows all about one.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold connections --format json"})
final class ConnectionsCommand extends Listing {
    @Mixin
    private ConnectionId.Optional id;

    @Override
    String request() {
        return id.isGiven() ? "connections " + id.value() : "connections";
    }

    @Override
    boolean isDetail() {
        return id.isGiven();
    }
}
