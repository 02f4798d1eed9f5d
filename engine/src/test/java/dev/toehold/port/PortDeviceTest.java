package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortDeviceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "eth1|AF_PACKET|eth1|net_af_packet",
                "wlp0s20f3|AF_PACKET|wlp0s20f3|net_af_packet",
                "eth0.100|AF_PACKET|eth0.100|net_af_packet",
                "xdp:eth1|AF_XDP|eth1|net_af_xdp",
                "0000:03:00.0|PCI|0000:03:00.0|''",
                "03:00.0|PCI|0000:03:00.0|''",
                "net_ring0|VDEV|net_ring0|net_ring",
                "net_memif0,role=server,socket=/run/m.sock|VDEV|net_memif0,role=server,socket=/run/m.sock|net_memif"
            })
    void shouldParse(final String text, final PortDevice.Kind kind, final String target, final String driver) {
        final PortDevice device = PortDevice.parse(text);
        assertEquals(new PortDevice(kind, text, target), device);
        assertEquals(driver, device.driver());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " eth1",
                "eth1,qdisc_bypass=0",
                "a/b",
                "sixteen-letters-",
                "xdp:",
                "xdp:xdp:eth1",
                "03:00.9",
                "net_ring0 --no-huge",
                "net_",
                "eth1\n"
            })
    void shouldRefuseInOneLine(final String text) {
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> PortDevice.parse(text));
        assertTrue(e.getMessage().startsWith("device = \"" + text + "\""), e.getMessage());
    }

    @Test
    void shouldGiveTheDriverItsFrames() {
        assertEquals(
                "net_af_packet3,iface=eth1,qdisc_bypass=1,blocksz=262144,framesz=2048,framecnt=4096",
                DpdkPorts.deviceArguments(PortDevice.parse("eth1"), 3, 1500));
        assertEquals(
                "net_af_xdp0,iface=eth1,start_queue=0,queue_count=1",
                DpdkPorts.deviceArguments(PortDevice.parse("xdp:eth1"), 0, 1500));
        assertEquals("net_ring0", DpdkPorts.deviceArguments(PortDevice.parse("net_ring0"), 7, 1500));
    }
}
