/**
 * The kernel as slow path of a port: behind a TAP interface with the port's MAC address it keeps the host's addresses and gets whatever no
 * connection or listener of the engine claims, untouched.
 *
 * <p>Imports {@code dev.toehold.ffi}, {@code dev.toehold.net} and {@code dev.toehold.stack} only.
 */
package dev.toehold.slowpath;
