package dev.toehold.engine;

import dev.toehold.control.CounterDescriptor;
import dev.toehold.control.GaugeSource;
import dev.toehold.port.PacketPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the engine as a whole has, looked up when somebody scrapes: too dear for an lcore to count, or not an lcore's. */
final class EngineGauges {
    private EngineGauges() {}

    static List<GaugeSource> of(Engine engine, String version) {
        List<GaugeSource> gauges = new ArrayList<>();
        gauges.add(new GaugeSource(info(version), () -> 1));
        gauges.add(new GaugeSource(maxConnections(), () -> engine.stateFile().maxConnections()));
        gauges.add(new GaugeSource(mbufsInUse(), engine::mbufsInUse));
        gauges.add(new GaugeSource(mbufs(), engine::mbufCount));
        for (PacketPort port : engine.ports()) {
            String label = PortCounterSource.label(port.adapter().device());
            gauges.add(new GaugeSource(linkUp(label), () -> port.link().up() ? 1 : 0));
        }
        return gauges;
    }

    /** Without values. */
    static List<CounterDescriptor> descriptors(String version, String port) {
        return List.of(info(version), maxConnections(), mbufsInUse(), mbufs(), linkUp(port));
    }

    private static CounterDescriptor info(String version) {
        return CounterDescriptor.gaugeOfEngine(
                "build.info", "always 1; its label is the version", Map.of("version", version));
    }

    private static CounterDescriptor maxConnections() {
        return CounterDescriptor.gaugeOfEngine("connections.max", "engine.max-connections", Map.of());
    }

    private static CounterDescriptor mbufsInUse() {
        return CounterDescriptor.gaugeOfEngine(
                "mbufs.in.use", "mbufs that neither the pool nor an lcore's cache has", Map.of());
    }

    private static CounterDescriptor mbufs() {
        return CounterDescriptor.gaugeOfEngine("mbufs.max", "mbufs that there are", Map.of());
    }

    private static CounterDescriptor linkUp(String port) {
        return CounterDescriptor.gaugeOfEngine("port.link.up", "1 while the port has its link", Map.of("port", port));
    }
}
