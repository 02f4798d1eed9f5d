package dev.toehold.engine;

import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.control.EngineView;
import dev.toehold.net.IpAddress;
import dev.toehold.port.Adapter;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortLink;
import dev.toehold.stack.LocalAddresses;
import java.util.ArrayList;
import java.util.List;

/** What the engine tells clients and operators that it and its ports can do. */
final class EngineCapabilities {
    private static final String CPU = "cpu";

    private EngineCapabilities() {}

    /** Bits of {@link Capability}: the engine's own, and those that all adapters have. */
    static long of(LocalAddresses addresses, List<ControlBody.Port> adapters, String copyEngine) {
        long bits = Capability.PROVIDED_BUFFERS | Capability.RESUME;
        for (int i = 0; i < addresses.size(); i++) {
            bits |= IpAddress.isIpv4(addresses.high(i), addresses.low(i)) ? Capability.IPV4 : Capability.IPV6;
        }
        if (!copyEngine.isEmpty()) {
            bits |= Capability.COPY_ENGINE;
        }
        long common = adapters.isEmpty() ? 0 : -1L;
        for (ControlBody.Port adapter : adapters) {
            common &= adapter.capabilities();
        }
        return bits | common;
    }

    static ControlBody.Port adapter(Adapter adapter) {
        return new ControlBody.Port(
                adapter.device(),
                adapter.driver(),
                bits(adapter),
                adapter.mtu(),
                adapter.rxQueues(),
                adapter.txQueues());
    }

    private static long bits(Adapter adapter) {
        return bit(adapter.checksumReceive() && adapter.checksumTransmit(), Capability.CHECKSUM_OFFLOAD)
                | bit(adapter.segmentationTransmit(), Capability.SEGMENTATION_OFFLOAD)
                | bit(adapter.receiveSideScaling(), Capability.RECEIVE_SIDE_SCALING)
                | bit(adapter.largeReceive(), Capability.LARGE_RECEIVE_OFFLOAD)
                | bit(adapter.multiSegmentTransmit(), Capability.MULTI_SEGMENT_TRANSMIT)
                | bit(adapter.bufferSplit(), Capability.BUFFER_SPLIT);
    }

    private static long bit(boolean isThere, long capability) {
        return isThere ? capability : 0;
    }

    private static String spread(Adapter adapter) {
        if (adapter.receiveSideScaling()) {
            return "receive queues";
        }
        return adapter.queueReason().isEmpty() ? "one lcore" : "rings: " + adapter.queueReason();
    }

    /** A port as it is now, for {@code toehold ports}. */
    static EngineView.Port listing(PacketPort port, String copyEngine) {
        Adapter adapter = port.adapter();
        PortLink link = port.link();
        List<String> offloads = new ArrayList<>(adapter.rxOffloads());
        offloads.addAll(adapter.txOffloads());
        String state = !link.up() ? "down" : link.speedMbps() == 0 ? "up" : "up " + link.speedMbps() + " Mbit/s";
        return new EngineView.Port(
                adapter.device(),
                adapter.driver(),
                adapter.mtu(),
                state,
                adapter.rxQueues(),
                adapter.txQueues(),
                spread(adapter),
                Capability.names(bits(adapter)),
                copyEngine.isEmpty() ? CPU : copyEngine,
                offloads);
    }
}
