/**
 * Two engines and their clients in one thread and in virtual time: every class of the fast path is the one that the engine runs,
 * only the wire, the clock and the application are made up. One seed, one trace.
 *
 * <p>{@link dev.toehold.perf.simulation.Simulation} is one seed; docs/simulation.md says what is simulated and what is checked.
 */
package dev.toehold.perf.simulation;
