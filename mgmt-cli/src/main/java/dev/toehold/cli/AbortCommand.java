package dev.toehold.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code toehold abort}. */
@Command(
        name = "abort",
        description = "Resets a connection: the peer gets a RST, the client an error.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold abort 17"})
final class AbortCommand extends Listing {
    @Mixin
    private ConnectionId id;

    @Override
    String request() {
        return "abort " + id.value();
    }

    @Override
    boolean isDetail() {
        return true;
    }
}
