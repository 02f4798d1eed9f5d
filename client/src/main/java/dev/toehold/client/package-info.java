/**
 * The client library: a process attaches to the engine of its host and speaks TCP through it.
 *
 * <p>Two layers. Below, a poll core without threads, clock or locks ({@code ClientQueuePair}, {@code QueuePairCore},
 * {@code ConnectionCore}); handles are opaque bits to it. Above, what programs use: {@link dev.toehold.client.Toehold},
 * {@link dev.toehold.client.Connection}, {@link dev.toehold.client.Listener}, {@link dev.toehold.client.Region} and
 * blocking streams, which park and never pin a virtual thread.
 *
 * <p>Imports {@code dev.toehold.abi} and {@code dev.toehold.ffi.linux}, nothing else of Toehold.
 */
package dev.toehold.client;
