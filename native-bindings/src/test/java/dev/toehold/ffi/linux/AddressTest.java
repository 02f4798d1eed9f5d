package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AddressTest {
    @Test
    void shouldParseAndFormatMacAddresses() {
        MacAddress mac = MacAddress.parse("02:00:5e:FF:00:01");
        assertEquals(0x02005eff0001L, mac.value());
        assertArrayEquals(new byte[] {2, 0, 0x5e, -1, 0, 1}, mac.toBytes());
        assertEquals("02:00:5e:ff:00:01", mac.toString());
        assertEquals(mac, MacAddress.of(mac.toBytes()));
        for (String wrong : new String[] {"", "02:00:5e:ff:00", "02:00:5e:ff:00:01:02", "02-00-5e-ff-00-01", "x"}) {
            assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(wrong));
        }
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(-1));
    }

    @Test
    void shouldParseAndFormatPrefixes() {
        assertEquals("10.0.0.2/24", IpPrefix.parse("10.0.0.2/24").toString());
        assertEquals("10.0.0.2/32", IpPrefix.parse("10.0.0.2").toString());
        assertFalse(IpPrefix.parse("10.0.0.2").isIpv6());
        assertEquals(128, IpPrefix.parse("fd00::2").length());
        assertTrue(IpPrefix.parse("fd00::2/64").isIpv6());
        assertEquals(IpPrefix.parse("::/0"), new IpPrefix(IpPrefix.address(new byte[16]), 0));
        for (String wrong : new String[] {
            "", "/24", "10.0.0.2/", "10.0.0.2/33", "10.0.0.2/-1", "10.0.0/24", "fd00::2/129", "host.example/24", "::/x"
        }) {
            assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(wrong), wrong);
        }
    }

    @Test
    void shouldKeepAMappedAddressIpv6() {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = -1;
        assertEquals(128, new IpPrefix(IpPrefix.address(mapped), 128).length());
    }
}
