package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import dev.toehold.tcp.Requirement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutesTest {
    private final LocalAddresses addresses = new LocalAddresses(List.of(
            entry(0, "10.0.0.2", 24),
            entry(0, "fd00::2", 64),
            entry(0, "fe80::2", 64),
            entry(1, "10.0.0.130", 25),
            entry(1, "192.168.1.1", 30)));
    private final Routes routes = new Routes(addresses, List.of(gateway(1, "192.168.1.2"), gateway(0, "fe80::1")));

    private static LocalAddresses.Entry entry(int port, String address, int prefixLength) {
        IpAddress ip = IpAddress.parse(address);
        return new LocalAddresses.Entry(port, ip.hi(), ip.lo(), prefixLength);
    }

    private static Routes.Gateway gateway(int port, String address) {
        IpAddress ip = IpAddress.parse(address);
        return new Routes.Gateway(port, ip.hi(), ip.lo());
    }

    @BeforeEach
    void endDuplicateAddressDetection() {
        addresses.stateRelease(1, LocalAddresses.USABLE);
        addresses.stateRelease(2, LocalAddresses.USABLE);
    }

    private int find(String destination) {
        IpAddress ip = IpAddress.parse(destination);
        return routes.find(ip.hi(), ip.lo());
    }

    private int source(String destination) {
        IpAddress ip = IpAddress.parse(destination);
        return routes.source(routes.find(ip.hi(), ip.lo()), ip.hi(), ip.lo());
    }

    @Test
    void shouldTakeTheLongestPrefixThenTheGateway() {
        assertEquals(0, find("10.0.0.9"));
        assertEquals(3, find("10.0.0.200"));
        assertEquals(Routes.GATEWAY_BASE, find("8.8.8.8"));
        assertEquals(1, routes.portIndex(Routes.GATEWAY_BASE));
        assertEquals(1, find("fd00::9"));
        assertEquals(Routes.GATEWAY_BASE + 1, find("2001:db8::1"));
        assertEquals(2, find("fe80::77"));
        assertEquals(Routes.LOOPBACK, find("10.0.0.2"));
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-44", clause = "3.9.1.1")
    void shouldChooseSourceByScopeAndPrefix() {
        assertEquals(0, source("10.0.0.9"));
        assertEquals(4, source("192.168.1.2"));
        assertEquals(1, source("2001:db8::1"));
        assertEquals(2, source("fe80::77"));
        assertEquals(0, source("10.0.0.2"));
    }

    @Test
    void shouldNotUseTentativeAddresses() {
        addresses.stateRelease(1, LocalAddresses.TENTATIVE);
        addresses.stateRelease(2, LocalAddresses.DUPLICATE);
        assertEquals(Routes.UNREACHABLE, find("fd00::9"));
        assertEquals(Routes.UNREACHABLE, find("2001:db8::1"));
    }

    @Test
    void shouldKnowDirectedBroadcasts() {
        assertTrue(isBroadcast("10.0.0.255"));
        assertTrue(isBroadcast("255.255.255.255"));
        assertTrue(isBroadcast("192.168.1.3"));
        assertFalse(isBroadcast("10.0.0.127"));
        assertFalse(isBroadcast("192.168.1.255"));
    }

    private boolean isBroadcast(String address) {
        IpAddress ip = IpAddress.parse(address);
        return addresses.isBroadcast(ip.hi(), ip.lo());
    }
}
