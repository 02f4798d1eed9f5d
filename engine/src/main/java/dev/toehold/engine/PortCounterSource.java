package dev.toehold.engine;

import dev.toehold.control.CounterDescriptor;
import dev.toehold.control.CounterSource;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortCounters;
import java.util.List;
import java.util.Map;

/** The counters of each port, by its device; the lcore that owns the port publishes them with its own. */
final class PortCounterSource {
    private static final String[][] CATALOGUE = {
        {"port.rx.packets", "packets received"},
        {"port.rx.bytes", "bytes received, from the Ethernet header on"},
        {"port.rx.missed", "packets lost because they came faster than they were polled"},
        {"port.rx.errors", "packets that arrived damaged"},
        {"port.rx.truncated", "packets dropped because they were longer than a frame of the port"},
        {"port.rx.no.mbuf", "receptions that found the mbuf pool exhausted"},
        {"port.tx.packets", "packets sent"},
        {"port.tx.bytes", "bytes sent"},
        {"port.tx.errors", "packets that the driver took and could not send"}
    };

    /** Longer names of devices, such as those of DPDK's virtual ones with many arguments, are cut. */
    private static final int MAX_LABEL_LENGTH = 64;

    private final int lcoreCount;
    private final int lcore;
    private final List<? extends PacketPort> ports;
    private final long[] values = new long[CATALOGUE.length];

    private PortCounterSource(int lcoreCount, int lcore, List<? extends PacketPort> ports) {
        this.lcoreCount = lcoreCount;
        this.lcore = lcore;
        this.ports = ports;
    }

    /**
     * As an lcore publishes them.
     *
     * @param devices names of all ports
     */
    static CounterSource of(List<String> devices, int lcoreCount, int lcore, List<? extends PacketPort> ports) {
        PortCounterSource source = new PortCounterSource(lcoreCount, lcore, ports);
        return newSource(devices, lcoreCount, source);
    }

    /** For who only wants to know what there is. */
    static CounterSource ofNames(List<String> devices, int lcoreCount) {
        return newSource(devices, lcoreCount, null);
    }

    private static CounterSource newSource(List<String> devices, int lcoreCount, PortCounterSource source) {
        return new CounterSource(
                devices.size() * CATALOGUE.length,
                i -> descriptor(devices, lcoreCount, i),
                i -> source == null ? 0 : source.value(i));
    }

    private static CounterDescriptor descriptor(List<String> devices, int lcoreCount, int index) {
        int port = index / CATALOGUE.length;
        String[] row = CATALOGUE[index % CATALOGUE.length];
        String unit = CounterDescriptor.ofLcores(row[0], row[1]).unit();
        return new CounterDescriptor(
                row[0], unit, row[1], Map.of("port", label(devices.get(port))), false, port % lcoreCount);
    }

    /** A port's device as a label. */
    static String label(String device) {
        String words = device.replaceAll("[^A-Za-z0-9_.:-]", "_");
        return words.substring(0, Math.min(words.length(), MAX_LABEL_LENGTH));
    }

    /** One look at a port serves all values of a publication, which reads them in order. */
    private long value(int index) {
        int port = index / CATALOGUE.length;
        if (port % lcoreCount != lcore) {
            return 0;
        }
        int counter = index % CATALOGUE.length;
        if (counter == 0) {
            read(ports.get(port).counters());
        }
        return values[counter];
    }

    private void read(PortCounters counters) {
        values[0] = counters.rxPackets();
        values[1] = counters.rxBytes();
        values[2] = counters.rxMissed();
        values[3] = counters.rxErrors();
        values[4] = counters.rxTruncated();
        values[5] = counters.rxNoMbuf();
        values[6] = counters.txPackets();
        values[7] = counters.txBytes();
        values[8] = counters.txErrors();
    }
}
