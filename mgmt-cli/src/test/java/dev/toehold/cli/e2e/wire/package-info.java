/**
 * An outside peer of the engine that knows only the RFCs: it makes every frame by hand and reads every frame that the engine
 * sends, byte by byte, from an address that no kernel holds. What it expects is what a clause says, not what the engine does.
 * Imports {@code ffi.linux} for its socket and the rig of {@code e2e}; nothing of the engine's protocols.
 */
package dev.toehold.cli.e2e.wire;
