/**
 * {@code toehold bench}: end-to-end measurements of the engine next to the kernel's own TCP, interleaved and as ratios, and the
 * report on them. Imports {@code dev.toehold.cli} for the manners of a command; nothing imports this.
 */
package dev.toehold.perf;
