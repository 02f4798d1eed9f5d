/**
 * An impairing link: a bridge in user space between two network interfaces that loses, doubles, reorders, damages, delays and
 * queues frames, each direction by its own seeded decisions, and counts what it did. What decides ({@link
 * dev.toehold.perf.link.FrameFate}, {@link dev.toehold.perf.link.DelayLine}) has no clock and no sockets. Imports {@code
 * dev.toehold.ffi.linux} alone.
 */
package dev.toehold.perf.link;
