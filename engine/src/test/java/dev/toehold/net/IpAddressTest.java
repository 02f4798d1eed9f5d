package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class IpAddressTest {
    @Test
    void shouldReadAndWriteCanonicalText() {
        // Text, and the canonical form of it; the examples of RFC 5952 among them.
        String[][] pairs = {
            {"10.0.0.2", "10.0.0.2"},
            {"255.255.255.255", "255.255.255.255"},
            {"0.0.0.0", "0.0.0.0"},
            {"::ffff:192.0.2.1", "192.0.2.1"},
            {"::FFFF:c000:201", "192.0.2.1"},
            {"::", "::"},
            {"::1", "::1"},
            {"1::", "1::"},
            {"fd00::2", "fd00::2"},
            {"FD00:0:0:0:0:0:0:2", "fd00::2"},
            {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
            {"2001:0db8::0001", "2001:db8::1"},
            {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
            {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
            {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
            {"0:0:1::", "0:0:1::"},
            {"::1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"},
            {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
            {"1:0:0:4:5:6:0:0", "1::4:5:6:0:0"},
            {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
            {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
            {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}
        };
        for (String[] pair : pairs) {
            IpAddress address = IpAddress.parse(pair[0]);
            assertEquals(pair[1], address.toString());
            assertEquals(address, IpAddress.parse(pair[1]));
        }
    }

    @Test
    void shouldRefuseEverythingElse() {
        String[] bad = {
            "",
            " ",
            "10.0.0",
            "10.0.0.0.1",
            "10.0.0.256",
            "10.0.0.01",
            "010.0.0.1",
            "10.0.0.",
            ".10.0.0",
            "10..0.1",
            "10.0.0.2 ",
            " 10.0.0.2",
            "10.0.0.-1",
            "10.0.0.+1",
            "1",
            "0x0a000002",
            "localhost",
            "example.org",
            ":",
            ":::",
            "1:",
            ":1",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8",
            "1:2:3:4::5:6:7:8",
            "12345::",
            "g::",
            "fe80::1%eth0",
            "[::1]",
            "::1/64",
            "::1.2.3",
            "::1.2.3.4:5",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::256.1.1.1",
            "::1.2.3.4.",
            "1.2.3.4::",
            "\u0661.0.0.1",
            "::\uff11",
            "1:2:3:4:5:6:7:8:",
            "::" + "0".repeat(50)
        };
        for (String text : bad) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text), text);
            assertTrue(e.getMessage().contains("address=" + text));
        }
    }

    @Property
    void shouldAgreeWithTheJdk(@ForAll long hi, @ForAll long lo, @ForAll byte zeroGroups) {
        long maskedHi = hi;
        long maskedLo = lo;
        for (int group = 0; group < 4; group++) {
            if ((zeroGroups & (1 << group)) != 0) {
                maskedHi &= ~(0xFFFFL << (16 * group));
            }
            if ((zeroGroups & (16 << group)) != 0) {
                maskedLo &= ~(0xFFFFL << (16 * group));
            }
        }
        IpAddress address = new IpAddress(maskedHi, maskedLo);
        InetAddress literal = InetAddress.ofLiteral(address.toString());
        assertArrayEquals(literal.getAddress(), address.toBytes());
        assertEquals(address, IpAddress.of(literal));
        assertEquals(address, IpAddress.parse(literal.getHostAddress()));
        assertEquals(address, IpAddress.parse(address.toString()));
        assertTrue(address.toString().length() <= 39);
    }

    @Property
    void shouldAgreeWithTheJdkOnIpv4(@ForAll int bits) {
        IpAddress address = IpAddress.ofIpv4(bits);
        InetAddress literal = InetAddress.ofLiteral(address.toString());
        assertArrayEquals(literal.getAddress(), address.toBytes());
        assertEquals(address, IpAddress.of(literal));
        assertEquals(address, IpAddress.parse(literal.getHostAddress()));
        assertEquals(bits, address.ipv4());
        assertEquals(4, address.family());
        assertEquals(literal.isLoopbackAddress(), IpAddress.isLoopback(address.hi(), address.lo()));
        assertEquals(literal.isLinkLocalAddress(), address.isLinkLocal());
        assertEquals(literal.isMulticastAddress() || bits == -1, address.isMulticast());
    }

    @Test
    void shouldClassify() {
        assertTrue(IpAddress.parse("0.0.0.0").isUnspecified());
        assertTrue(IpAddress.parse("::").isUnspecified());
        assertFalse(IpAddress.parse("::1").isUnspecified());
        assertTrue(IpAddress.parse("224.0.0.1").isMulticast());
        assertTrue(IpAddress.parse("239.255.255.255").isMulticast());
        assertTrue(IpAddress.parse("255.255.255.255").isMulticast());
        assertFalse(IpAddress.parse("223.255.255.255").isMulticast());
        assertFalse(IpAddress.parse("240.0.0.1").isMulticast());
        assertTrue(IpAddress.parse("ff02::1").isMulticast());
        assertFalse(IpAddress.parse("fe80::1").isMulticast());
        assertTrue(IpAddress.parse("fe80::1").isLinkLocal());
        assertTrue(IpAddress.parse("febf::1").isLinkLocal());
        assertFalse(IpAddress.parse("fec0::1").isLinkLocal());
        assertTrue(IpAddress.parse("169.254.1.1").isLinkLocal());
        IpAddress loopback = IpAddress.parse("::1");
        assertTrue(IpAddress.isLoopback(loopback.hi(), loopback.lo()));
        assertFalse(IpAddress.isIpv4(0, 0x1234_0A00_0001L));
        assertEquals(6, loopback.family());
    }

    @Test
    void shouldDeriveGroupsAndMacAddresses() {
        IpAddress address = IpAddress.parse("fe80::2aa:ff:fe28:9c5a");
        IpAddress group = new IpAddress(IpAddress.LINK_MULTICAST_HI, IpAddress.solicitedNodeLo(address.lo()));
        assertEquals("ff02::1:ff28:9c5a", group.toString());
        assertEquals("33:33:ff:28:9c:5a", MacAddress.format(IpAddress.multicastMac(group.hi(), group.lo())));
        assertEquals("01:00:5e:7f:01:02", multicastMac("239.255.1.2"));
        assertEquals("ff:ff:ff:ff:ff:ff", multicastMac("255.255.255.255"));
        assertEquals(address, IpAddress.linkLocal(MacAddress.parse("00:aa:00:28:9c:5a")));
        assertEquals("fe80::ff:fe00:a", IpAddress.linkLocal(Frames.MAC_A).toString());
    }

    private static String multicastMac(String text) {
        IpAddress address = IpAddress.parse(text);
        return MacAddress.format(IpAddress.multicastMac(address.hi(), address.lo()));
    }
}
