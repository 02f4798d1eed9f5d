package dev.toehold.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code toehold flush}. */
@Command(
        name = "flush",
        description = "Transmits what a connection holds back and completes its posted RECEIVEs with what they have.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold flush 17"})
final class FlushCommand extends Listing {
    @Mixin
    private ConnectionId id;

    @Override
    String request() {
        return "flush " + id.value();
    }

    @Override
    boolean isDetail() {
        return true;
    }
}
