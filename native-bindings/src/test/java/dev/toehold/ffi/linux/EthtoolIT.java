package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a veth in a namespace of its own. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
class EthtoolIT {
    private static final String VETH = "veth-a";

    private final NetworkNamespace namespace = NetworkNamespace.create("thl"
            + ProcessHandle.current().pid() + "-" + ThreadLocalRandom.current().nextInt(1 << 30));
    private Ethtool ethtool;

    @BeforeEach
    void create() throws Exception {
        try (Netlink netlink = namespace.run(Netlink::open)) {
            netlink.createVeth(VETH, "veth-b", null);
        }
        ethtool = namespace.run(Ethtool::open);
    }

    @AfterEach
    void delete() {
        if (ethtool != null) {
            ethtool.close();
        }
        namespace.delete();
    }

    @Test
    void shouldSwitchEachOffloadOffAndOn() {
        for (Ethtool.Offload offload : List.of(
                Ethtool.Offload.TSO,
                Ethtool.Offload.GSO,
                Ethtool.Offload.GRO,
                Ethtool.Offload.SCATTER_GATHER,
                Ethtool.Offload.RX_CHECKSUM,
                Ethtool.Offload.TX_CHECKSUM)) {
            for (boolean on : new boolean[] {true, false, true}) {
                ethtool.set(VETH, offload, on);
                assertEquals(on, ethtool.isOn(VETH, offload), offload.toString());
            }
        }
    }

    @Test
    void shouldSwitchSegmentationOffWithTheChecksum() {
        assertTrue(ethtool.isOn(VETH, Ethtool.Offload.TSO));
        ethtool.set(VETH, Ethtool.Offload.TX_CHECKSUM, false);
        assertFalse(ethtool.isOn(VETH, Ethtool.Offload.TX_CHECKSUM));
        assertFalse(ethtool.isOn(VETH, Ethtool.Offload.TSO));
        Ethtool.Feature segmentation = ethtool.features(VETH).get("tx-tcp-segmentation");
        assertEquals(new Ethtool.Feature(false, true, false), segmentation);
        assertTrue(ethtool.isOn("veth-b", Ethtool.Offload.TX_CHECKSUM));
    }

    @Test
    void shouldTellFixedFeaturesFromOthers() {
        var features = ethtool.features(VETH);
        assertTrue(features.containsKey("rx-gro"), features.toString());
        assertTrue(features.get("rx-vlan-filter").isFixed(), features.toString());
        assertFalse(features.get("tx-checksum-ip-generic").isFixed(), features.toString());
        assertTrue(features.get("tx-checksum-ip-generic").isActive(), features.toString());
    }

    @Test
    void shouldKnowTheDriverAndThatAVethHasNoPermanentAddress() {
        assertEquals("veth", ethtool.driver(VETH));
        assertEquals("", ethtool.busInfo(VETH));
        assertEquals(MacAddress.NONE, ethtool.permanentAddress(VETH));
    }

    @Test
    void shouldSayWhenThereIsNoSuchInterface() {
        LinuxException missing = assertThrows(LinuxException.class, () -> ethtool.isOn("veth-z", Ethtool.Offload.GRO));
        assertTrue(missing.is(Errno.ENODEV));
        assertTrue(missing.getMessage().contains("veth-z"), missing.getMessage());
        assertThrows(IllegalArgumentException.class, () -> ethtool.isOn("x".repeat(16), Ethtool.Offload.GRO));
        assertThrows(IllegalArgumentException.class, () -> ethtool.features(null));
    }
}
