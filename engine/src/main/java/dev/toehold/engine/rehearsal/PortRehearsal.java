package dev.toehold.engine.rehearsal;

import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.port.PacketPort;
import java.util.List;

/** Bursts of no packets at all: they lead through everything between an lcore and a driver, and leave no trace. */
public final class PortRehearsal {
    private static final int BURSTS = 5_000;

    private PortRehearsal() {}

    /** Before lcores use the ports. */
    public static void run(List<? extends PacketPort> ports) {
        MbufArray none = new MbufArray(1);
        for (PacketPort port : ports) {
            for (int i = 0; i < BURSTS; i++) {
                port.txBurst(0, none, 0, 0);
                port.rxBurst(0, none, 0, 0);
            }
        }
    }
}
