/**
 * One lcore's half of the engine between ports and applications: demultiplexer, flow and listener tables, the state file that
 * holds every connection, the transmit path, routes, neighbours and the timer wheel.
 *
 * <p>Everything here belongs to one lcore and is touched by its thread only; what lcores share is the state file (each its own
 * range of records), the DPDK rings between them and {@link dev.toehold.stack.LocalAddresses}. Nothing allocates per packet.
 *
 * <p>Imports {@code dev.toehold.net}, {@code .tcp}, {@code .port}, {@code .ffi} and {@code .abi}; never
 * {@code .session}, {@code .control} or {@code .engine}, which reach it through its own interfaces.
 */
package dev.toehold.stack;
