/**
 * DPDK without a C shim: environment abstraction layer, ethdev, mempool, mbuf and ring, under DPDK's own names.
 *
 * <p>What DPDK keeps in {@code static inline} functions is done here on the structures themselves. Their layouts are
 * data, one resource per library soname, made by {@code src/main/c/layouts.c} and checked when {@link
 * dev.toehold.ffi.dpdk.Dpdk} loads.
 *
 * <p>Imports {@code dev.toehold.ffi.linux}, nothing else of Toehold. Addresses of DPDK structures are plain {@code
 * long}s; they are dereferenced only here. Control-path calls throw {@link dev.toehold.ffi.dpdk.DpdkException} and
 * belong on platform threads, since DPDK keeps thread-local state; bursts, mbuf accessors and ring operations
 * neither throw nor allocate.
 */
package dev.toehold.ffi.dpdk;
