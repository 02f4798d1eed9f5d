package dev.toehold.abi;

/**
 * A decoded message.
 *
 * @param correlation chosen by the sender of a request, repeated in its answer; 0 = the engine speaks unasked
 * @param more the answer continues in the next message with this correlation
 */
public record ControlFrame(long correlation, boolean more, ControlBody body) {}
