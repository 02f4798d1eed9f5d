package dev.toehold.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What all servers have in common.
 *
 * @param socket the engine's control socket
 * @param name of the service, as users write it
 * @param maxConnections served at a time; more wait
 * @param idleTimeout how long a peer that is waited for may be silent; zero = for ever
 * @param nagle whether small segments wait for others that are in flight (RFC 9293 section 3.7.4)
 */
record ServerSettings(
        Path socket, String name, InetSocketAddress local, int maxConnections, Duration idleTimeout, boolean nagle) {}
