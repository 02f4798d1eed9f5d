/**
 * Clients that do what a client must not, in processes of their own and of a user of their own, against an engine that others use
 * meanwhile. Imports {@code dev.toehold.abi}, the bindings, {@code dev.toehold.perf.rig} and {@code dev.toehold.perf.soak}, and not the client
 * library, which would not let it.
 */
package dev.toehold.perf.hostile;
