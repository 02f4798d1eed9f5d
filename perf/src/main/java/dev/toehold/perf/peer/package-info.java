/**
 * The programs at the two ends of a measured connection, each run as a process of its own: the load generator, which always
 * uses kernel sockets, and the servers under test, one of kernel sockets and one of the client library. They speak the small
 * protocol of {@link dev.toehold.perf.peer.Services}. Imports {@code dev.toehold.client}, nothing of the engine.
 */
package dev.toehold.perf.peer;
