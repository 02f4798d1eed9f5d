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
 * @param noDelay whether small segments leave at once, even while another is in flight (RFC 9293 MUST-17)
 */
record ServerSettings(
        Path socket, String name, InetSocketAddress local, int maxConnections, Duration idleTimeout, boolean noDelay) {}
