package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One end of a pair of doorbells between two processes that need not trust each other: {@link #signal} makes the other end
 * readable until that one drains. Unlike with a shared eventfd, the other process can neither make a call of this one block
 * nor take a signal that was meant for this one. Any thread; never blocks; allocates nothing. A signal costs two or three
 * times what {@link EventFd}'s costs.
 */
public final class WakeSocket implements AutoCloseable {
    /** The kernel raises it to its least: a few signals fit, and one that does not fit is not needed. */
    private static final int LEAST_BUFFER_BYTES = 1;

    private static final int DRAIN_BYTES = 256;

    /** Bounds {@link #drain} against a peer that signals without end: what is left wakes again. */
    private static final int MAX_DRAINS = 4;

    private static final MemorySegment ONE_BYTE = Arena.global().allocate(1);

    private final Fd fd;

    /** Shared by threads; neither is ever read. */
    private final MemorySegment ignoredCallState = Native.newCallState();

    private final MemorySegment ignoredBytes = Arena.ofAuto().allocate(DRAIN_BYTES);

    private WakeSocket(Fd fd) {
        this.fd = fd;
    }

    /** Two ends: one to keep, one to send to the other process. */
    public static WakeSocket[] pair() {
        Fd[] ends = SeqPacketSocket.socketPair(SocketH.SOCK_STREAM);
        WakeSocket[] pair = {new WakeSocket(ends[0]), new WakeSocket(ends[1])};
        for (Fd end : ends) {
            SocketOptions.setInt(end, SocketH.SOL_SOCKET, SocketH.SO_SNDBUF, LEAST_BUFFER_BYTES);
        }
        return pair;
    }

    /** Takes ownership of an end that the process which made the pair has sent. */
    public static WakeSocket adopt(Fd fd) {
        return new WakeSocket(fd);
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Wakes whoever waits for the other end. Without effect if the other end is full of signals, or gone.
     *
     * @throws IllegalStateException if closed
     */
    public void signal() {
        int number = fd.acquire();
        try {
            SocketCalls.send(ignoredCallState, number, ONE_BYTE, 1, SocketH.MSG_DONTWAIT | SocketH.MSG_NOSIGNAL);
        } finally {
            fd.release();
        }
    }

    /**
     * Takes the signals that came so far.
     *
     * @return whether there were any
     */
    public boolean drain() {
        int number = fd.acquire();
        try {
            long received = DRAIN_BYTES;
            boolean any = false;
            for (int i = 0; i < MAX_DRAINS && received == DRAIN_BYTES; i++) {
                received = SocketCalls.recv(ignoredCallState, number, ignoredBytes, DRAIN_BYTES, SocketH.MSG_DONTWAIT);
                any |= received > 0;
            }
            return any;
        } finally {
            fd.release();
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
