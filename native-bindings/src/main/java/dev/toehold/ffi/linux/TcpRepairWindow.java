package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/**
 * Both windows of a connection ({@code TCP_REPAIR_WINDOW}), unscaled; RFC 9293's variables where it has them.
 *
 * @param sndWl1 sequence number of the segment that {@code sndWnd} came with
 * @param sndWnd bytes that the peer permits beyond what it has acknowledged
 * @param maxWindow largest window that the peer ever permitted
 * @param rcvWnd bytes permitted to the peer from {@code rcvWup} on: their sum is the edge that never retracts
 * @param rcvWup RCV.NXT when the window was last advertised
 */
public record TcpRepairWindow(int sndWl1, int sndWnd, int maxWindow, int rcvWnd, int rcvWup) {
    static TcpRepairWindow parse(MemorySegment window) {
        return new TcpRepairWindow(
                window.get(JAVA_INT, TcpRepairWindowDescriptor.SND_WL1_OFFSET),
                window.get(JAVA_INT, TcpRepairWindowDescriptor.SND_WND_OFFSET),
                window.get(JAVA_INT, TcpRepairWindowDescriptor.MAX_WINDOW_OFFSET),
                window.get(JAVA_INT, TcpRepairWindowDescriptor.RCV_WND_OFFSET),
                window.get(JAVA_INT, TcpRepairWindowDescriptor.RCV_WUP_OFFSET));
    }

    void write(MemorySegment window) {
        window.set(JAVA_INT, TcpRepairWindowDescriptor.SND_WL1_OFFSET, sndWl1);
        window.set(JAVA_INT, TcpRepairWindowDescriptor.SND_WND_OFFSET, sndWnd);
        window.set(JAVA_INT, TcpRepairWindowDescriptor.MAX_WINDOW_OFFSET, maxWindow);
        window.set(JAVA_INT, TcpRepairWindowDescriptor.RCV_WND_OFFSET, rcvWnd);
        window.set(JAVA_INT, TcpRepairWindowDescriptor.RCV_WUP_OFFSET, rcvWup);
    }
}
