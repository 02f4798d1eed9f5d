/**
 * The TCP core, a pure machine: segments, commands, {@code nowNs} and random words go in; placements, segments, events and
 * the next deadline come out. A file per mechanism, named as the RFC names it; {@link dev.toehold.tcp.TcpCore} is the front.
 *
 * <p>No I/O, no clock, no threads, no static mutable state, no randomness of its own and no allocation per segment: one seed
 * gives one trace. Imports {@code java.*} and {@link dev.toehold.net}, nothing else.
 */
package dev.toehold.tcp;
