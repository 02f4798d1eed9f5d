/**
 * The engine's face to its host: the control socket and what is asked on it, the counters file, metrics.
 *
 * <p>{@link dev.toehold.control.ControlServer} is an agent of the control thread. What an lcore owns is never read from here: lcores
 * send messages, TCBs are read from their mapped records, counters from the counters file. Imports {@code dev.toehold.abi},
 * {@code net}, {@code tcp}, {@code stack}, {@code placement}, {@code session} and {@code ffi.linux}; Jackson and Micrometer stay in
 * here.
 */
package dev.toehold.control;
