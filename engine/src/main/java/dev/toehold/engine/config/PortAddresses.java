package dev.toehold.engine.config;

import dev.toehold.net.Prefix;
import java.util.List;

/**
 * The addresses of a port: a list of its own, or those that the Linux interface has when the engine starts.
 *
 * @param fromInterface written as {@code "interface"}; then {@code prefixes} is empty
 * @param prefixes at least one otherwise
 */
public record PortAddresses(boolean fromInterface, List<Prefix> prefixes) {
    /** The text that stands for the interface's own addresses. */
    static final String INTERFACE = "interface";

    public PortAddresses {
        prefixes = List.copyOf(prefixes);
    }
}
