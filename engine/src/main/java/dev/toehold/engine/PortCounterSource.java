package dev.toehold.engine;

import dev.toehold.control.CounterSource;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortCounters;
import java.util.Arrays;
import java.util.List;

/** The counters of the ports that an lcore owns, added up; published by that lcore with its own. */
final class PortCounterSource {
    private static final List<String> NAMES = List.of(
            "port.rx.packets",
            "port.rx.bytes",
            "port.rx.missed",
            "port.rx.errors",
            "port.rx.truncated",
            "port.rx.no.mbuf",
            "port.tx.packets",
            "port.tx.bytes",
            "port.tx.errors");

    private final List<? extends PacketPort> ports;
    private final long[] values = new long[NAMES.size()];

    private PortCounterSource(List<? extends PacketPort> ports) {
        this.ports = ports;
    }

    /** Of these ports, none for who only wants to know the names. */
    static CounterSource of(List<? extends PacketPort> ports) {
        PortCounterSource source = new PortCounterSource(ports);
        return CounterSource.ofNames(NAMES.size(), NAMES::get, source::value);
    }

    /** One look at the ports serves all values of a publication, which reads them in order. */
    private long value(int counter) {
        if (counter == 0) {
            read();
        }
        return values[counter];
    }

    private void read() {
        Arrays.fill(values, 0);
        for (PacketPort port : ports) {
            PortCounters c = port.counters();
            long[] one = {
                c.rxPackets(),
                c.rxBytes(),
                c.rxMissed(),
                c.rxErrors(),
                c.rxTruncated(),
                c.rxNoMbuf(),
                c.txPackets(),
                c.txBytes(),
                c.txErrors()
            };
            for (int i = 0; i < values.length; i++) {
                values[i] += one[i];
            }
        }
    }
}
