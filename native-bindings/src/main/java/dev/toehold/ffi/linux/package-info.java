/**
 * Linux as the engine and its clients need it, through the JDK's foreign function and memory interface: shared memory
 * with seals, sequenced-packet sockets that carry descriptors, epoll, eventfd, locks, affinity and netlink.
 *
 * <p>Imports nothing of Toehold. Only here and in {@code dev.toehold.ffi.dpdk} may a segment be reinterpreted.
 */
package dev.toehold.ffi.linux;
