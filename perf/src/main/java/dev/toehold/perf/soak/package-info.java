/**
 * Many processes that talk over the engine and compare every byte at both ends, while some of them are killed. Imports the client library
 * as users see it, {@code dev.toehold.perf.rig} and the byte pattern of {@code dev.toehold.perf.peer}.
 */
package dev.toehold.perf.soak;
