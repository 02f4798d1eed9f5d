package dev.toehold.port;

import dev.toehold.ffi.dpdk.MbufArray;

/**
 * A network port. Each receive queue and each transmit queue has one thread; queues of one port are independent.
 */
public interface PacketPort extends AutoCloseable {
    /** What {@link #wakeFd} gives when there is nothing to sleep on: the queue must be polled. */
    int NO_WAKE_FD = -1;

    /** What the port can do; constant while it is open. */
    Adapter adapter();

    /**
     * Receives up to {@code count} packets into {@code mbufs} from {@code from} on. Never blocks or allocates.
     *
     * <p>Nothing in a frame has been checked; it may be longer than its IP datagram (padding) or shorter (damaged).
     *
     * @param count at least 1, within the array
     * @return packets received; they are the caller's to free
     */
    int rxBurst(int queue, MbufArray mbufs, int from, int count);

    /**
     * Gives up to {@code count} packets from {@code from} on to the port, in order. It may take only the first few,
     * when its queue is full: send the others later or free them. A packet has more than one segment only where
     * {@link Adapter#multiSegmentTransmit} says so, and is no longer than {@link Adapter#maxFrameLength}.
     *
     * @return packets taken, which are the port's to free from then on
     */
    int txBurst(int queue, MbufArray mbufs, int from, int count);

    /**
     * A descriptor that is readable (level-triggered EPOLLIN) while a packet waits in a receive queue, or {@link
     * #NO_WAKE_FD}. It is the port's: wait on it, remove it from every epoll set before {@link #close}, never read
     * or close it.
     */
    int wakeFd(int queue);

    /**
     * Takes the error that makes epoll report EPOLLERR on a wake descriptor (an interface that went down), which it
     * would otherwise report for ever.
     *
     * @return the positive errno, 0 if there was none
     */
    int takeWakeError(int queue);

    /** State of the link now. Any thread; a system call or more. */
    PortLink link();

    /** Counts since the port was opened. Any thread; a snapshot of counters that are written while they are read. */
    PortCounters counters();

    /** Stops and releases the port, once no thread is in a burst. Mbufs that it held go back to their pool. */
    @Override
    void close();
}
