/**
 * The whole house end to end: an engine process, client processes and the kernel's TCP in a network namespace of its own.
 * Imports the command line, the client library and {@code ffi.linux}; needs root.
 */
package dev.toehold.cli.e2e;
