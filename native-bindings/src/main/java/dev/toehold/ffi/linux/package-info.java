/**
 * Linux as the engine and its clients need it, through the JDK's foreign function and memory interface: shared memory
 * with seals, sequenced-packet sockets that carry descriptors, epoll, eventfd, locks, affinity, netlink, network
 * namespaces, ethtool, TAP interfaces and the repair of TCP sockets. 64-bit x86 and Arm with glibc.
 *
 * <p>Imports nothing of Toehold. Only here and in {@code dev.toehold.ffi.dpdk} may a segment be reinterpreted.
 *
 * <p>Manners of the whole package: arguments are checked in Java before they reach native code
 * ({@link java.lang.IllegalArgumentException}); an object that was closed refuses
 * ({@link java.lang.IllegalStateException}); a failed system call is a
 * {@link dev.toehold.ffi.linux.LinuxException} that names the call, its arguments and the error. Outcomes that are
 * everyday business (would block, hang-up) are return codes. Every descriptor belongs to one
 * {@link dev.toehold.ffi.linux.Fd} and is close-on-exec.
 */
package dev.toehold.ffi.linux;
