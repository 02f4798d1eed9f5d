/**
 * What a measurement stands on: two network namespaces joined by a veth, child processes pinned to CPUs in them, the contenders.
 * Every step is undone on every way out. Imports {@code dev.toehold.ffi.linux}, the link and the values of {@code
 * dev.toehold.perf.peer}.
 */
package dev.toehold.perf.rig;
