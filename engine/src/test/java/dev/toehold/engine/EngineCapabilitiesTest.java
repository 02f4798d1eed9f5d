package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.port.Adapter;
import dev.toehold.stack.LocalAddresses;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ports can do reaches clients as bits: each port's own, and for the engine what all of them have. */
class EngineCapabilitiesTest {
    private static final LocalAddresses NO_ADDRESSES = new LocalAddresses(List.of());

    private static Adapter adapter(
            boolean receive, boolean transmit, boolean segments, boolean spreads, boolean chains, String... rxNames) {
        return new Adapter(
                "dev",
                "drv",
                0,
                9000,
                9014,
                4,
                2,
                List.of(rxNames),
                List.of(),
                receive,
                transmit,
                segments,
                spreads,
                chains,
                false,
                true,
                true,
                0,
                -1,
                "");
    }

    @Test
    void shouldNameEveryAbilityOfAPort() {
        ControlBody.Port all = EngineCapabilities.adapter(
                adapter(true, true, true, true, true, "TCP_LRO", "BUFFER_SPLIT", "VLAN_STRIP"));
        assertEquals(
                List.of(
                        "checksum-offload",
                        "segmentation-offload",
                        "receive-side-scaling",
                        "large-receive-offload",
                        "multi-segment-transmit",
                        "buffer-split"),
                Capability.names(all.capabilities()));
        assertEquals(new ControlBody.Port("dev", "drv", all.capabilities(), 9000, 4, 2), all);
        assertEquals(
                0,
                EngineCapabilities.adapter(adapter(true, false, false, false, false))
                        .capabilities(),
                "checksums in one direction only are not the capability");
    }

    @Test
    void shouldPromiseForTheEngineWhatAllPortsHave() {
        List<ControlBody.Port> ports = List.of(
                EngineCapabilities.adapter(adapter(true, true, true, false, true)),
                EngineCapabilities.adapter(adapter(true, true, false, true, true)));
        assertEquals(
                List.of("provided-buffers", "checksum-offload", "copy-engine", "resume", "multi-segment-transmit"),
                Capability.names(EngineCapabilities.of(NO_ADDRESSES, ports, "idxd")));
        assertEquals(
                List.of("provided-buffers", "resume"),
                Capability.names(EngineCapabilities.of(NO_ADDRESSES, List.of(), "")),
                "an engine without ports has nothing of a port");
    }
}
