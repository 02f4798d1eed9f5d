/**
 * What an lcore sees of a network port: bursts of mbufs, a description of what the port can do, a descriptor to
 * sleep on, and counters.
 *
 * <p>A port is opened and closed by the control path; its bursts belong to one thread per queue; {@link
 * dev.toehold.port.PacketPort#counters} and {@link dev.toehold.port.PacketPort#link} may be read by any thread.
 *
 * <p>Imports {@code dev.toehold.ffi} and {@code dev.toehold.net} only.
 */
package dev.toehold.port;
