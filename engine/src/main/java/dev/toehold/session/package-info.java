/**
 * The engine's side of a client's attachment: sessions, their queue pairs, the verbs of the contract, liveness.
 *
 * <p>{@link dev.toehold.session.Session} is the control thread's; everything named {@code Lcore...} and
 * {@link dev.toehold.session.EngineQueuePair} belongs to one lcore. What a client can write is read once into a local, checked
 * and used; bad input costs an answer or the session, never an exception. Imports {@code dev.toehold.abi}, {@code placement},
 * {@code stack}, {@code tcp} and {@code ffi.linux}.
 */
package dev.toehold.session;
