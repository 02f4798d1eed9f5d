package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointRangeTest {
    private static boolean contains(String range, String address, int port) {
        IpAddress a = IpAddress.parse(address);
        return EndpointRange.parse(range).contains(a.hi(), a.lo(), port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*:*", "*:80", "10.0.0.0/8:*", "10.0.0.2:8000-8999", "[fd00::/8]:443", "[fd00::2]:1-65534"})
    void shouldReadBackWhatItWrites(String text) {
        assertEquals(text, EndpointRange.parse(text).toString());
    }

    @Test
    void shouldContainItsAddressesAndPortsOnly() {
        assertTrue(contains("*:80", "::", 80));
        assertFalse(contains("*:80", "10.0.0.1", 81));
        assertTrue(contains("10.0.0.0/8:*", "10.255.0.1", 65535));
        assertFalse(contains("10.0.0.0/8:*", "11.0.0.1", 1));
        assertFalse(contains("[::/0]:*", "10.0.0.1", 1), "another family");
        assertTrue(contains("10.0.0.2:8000-8999", "10.0.0.2", 8000));
        assertTrue(contains("10.0.0.2:8000-8999", "10.0.0.2", 8999));
        assertFalse(contains("10.0.0.2:8000-8999", "10.0.0.3", 8000));
        assertFalse(contains("10.0.0.2:8000-8999", "10.0.0.2", 7999));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "80",
                "*",
                "*:",
                ":80",
                "*:0",
                "*:65536",
                "*:9-8",
                "*:-9",
                "fd00::2:80",
                "[10.0.0.1]:80",
                "host:80"
            })
    void shouldRefuseEverythingElse(String text) {
        assertThrows(IllegalArgumentException.class, () -> EndpointRange.parse(text));
    }
}
