package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct tcp_repair_window} of {@code netinet/tcp.h}. */
final class TcpRepairWindowDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("snd_wl1"),
                    INT.withName("snd_wnd"),
                    INT.withName("max_window"),
                    INT.withName("rcv_wnd"),
                    INT.withName("rcv_wup"))
            .withName("struct tcp_repair_window");

    static final long SND_WL1_OFFSET = LAYOUT.byteOffset(groupElement("snd_wl1"));
    static final long SND_WND_OFFSET = LAYOUT.byteOffset(groupElement("snd_wnd"));
    static final long MAX_WINDOW_OFFSET = LAYOUT.byteOffset(groupElement("max_window"));
    static final long RCV_WND_OFFSET = LAYOUT.byteOffset(groupElement("rcv_wnd"));
    static final long RCV_WUP_OFFSET = LAYOUT.byteOffset(groupElement("rcv_wup"));
    static final long SIZE = LAYOUT.byteSize();

    private TcpRepairWindowDescriptor() {}
}
