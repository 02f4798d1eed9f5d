/**
 * The engine runs itself in before it serves: two hosts in memory exchange segments over a wire that is no port, until the JVM has
 * compiled the way of a packet. Nothing of it is left, and no counter of the engine knows of it.
 */
package dev.toehold.engine.rehearsal;
