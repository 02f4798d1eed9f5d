/**
 * The engine as a whole: the poll loop of an lcore, start and stop, and what holds the rooms together.
 *
 * <p>{@link dev.toehold.engine.Engine} builds everything in order and undoes it in reverse; {@link dev.toehold.engine.LcoreAgent} is one
 * pass of an lcore. May import every other room of the engine; nothing but the command line imports it.
 */
package dev.toehold.engine;
