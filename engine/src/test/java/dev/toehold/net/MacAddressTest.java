package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class MacAddressTest {
    @Property
    void shouldReadBackWhatItWrites(@ForAll @LongRange(max = MacAddress.BROADCAST) long mac) {
        String text = MacAddress.format(mac);
        assertEquals(mac, MacAddress.parse(text));
        assertEquals(
                mac, MacAddress.parse(text.toUpperCase(java.util.Locale.ROOT).replace(':', '-')));
    }

    @Test
    void shouldReadBytesInWireOrder() {
        assertEquals(0x0200_0000_000AL, MacAddress.parse("02:00:00:00:00:0a"));
        assertEquals(0xFE02_0304_0506L, MacAddress.of(new byte[] {0, (byte) 0xFE, 2, 3, 4, 5, 6}, 1));
        assertTrue(MacAddress.isMulticast(MacAddress.BROADCAST));
        assertTrue(MacAddress.isMulticast(MacAddress.parse("33:33:00:00:00:01")));
        assertFalse(MacAddress.isMulticast(MacAddress.parse("02:00:00:00:00:0a")));
    }

    @Test
    void shouldRefuseEverythingElse() {
        for (String text : new String[] {
            "",
            "02:00:00:00:00",
            "02:00:00:00:00:0a:",
            "02:00:00:00:00:0g",
            "0200.0000.000a",
            "02:00-00:00:00:0a",
            "02 00 00 00 00 0a",
            "02:00:00:00:00:0a ",
            "2:0:0:0:0:a:00:000",
            "\u0660\u0661:00:00:00:00:0a"
        }) {
            assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text), text);
        }
    }
}
