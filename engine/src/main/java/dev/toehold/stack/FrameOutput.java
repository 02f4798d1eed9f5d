package dev.toehold.stack;

import java.lang.foreign.MemorySegment;

/**
 * Frames that the stack makes besides TCP segments: begin, write at {@link #memory} and {@link #offset}, send or cancel. One frame
 * at a time, of one lcore, on its thread.
 */
public interface FrameOutput {
    /**
     * Takes a buffer for a frame on a port.
     *
     * @return false if there is none or the port's transmit queue is full: drop what was to be sent
     */
    boolean begin(int portIndex);

    /** Memory that holds the frame begun. */
    MemorySegment memory();

    /** Where the Ethernet header goes in {@link #memory}. */
    long offset();

    /** Most bytes of the frame begun, Ethernet header included: what the port's MTU allows. */
    int capacity();

    /** Hands the frame over, {@code length} bytes from {@link #offset} padded to Ethernet's minimum. */
    void send(int length);

    /** Gives the buffer back. */
    void cancel();
}
