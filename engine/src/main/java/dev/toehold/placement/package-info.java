/**
 * Where the bytes of a stream lie in client memory: regions, groups of provided buffers, the bindings of the receive
 * direction and the queue of the send direction. With {@code dev.toehold.session} the only package that touches client
 * memory, and always through one bounded segment per region; the copy engine's addresses are taken of that.
 *
 * <p>Everything here belongs to one lcore and allocates nothing after construction. Imports {@code dev.toehold.abi} and, for the copy
 * engine, {@code ffi.dpdk}.
 */
package dev.toehold.placement;
