package dev.toehold.port;

/**
 * State of a port's link.
 *
 * @param up whether frames can pass
 * @param speedMbps megabits per second, 0 if unknown
 */
public record PortLink(boolean up, long speedMbps) {}
