package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PrefixTest {
    @Test
    void shouldKeepTheHostBits() {
        Prefix prefix = Prefix.parse("10.0.0.2/24");
        assertEquals("10.0.0.2/24", prefix.toString());
        assertEquals("10.0.0.0", prefix.network().toString());
        assertEquals("fd00::", Prefix.parse("fd00::2/64").network().toString());
        assertEquals("::", Prefix.parse("fd00::2/0").network().toString());
        assertEquals("0.0.0.0", Prefix.parse("10.1.2.3/0").network().toString());
    }

    @Test
    void shouldContainItsNetworkOnly() {
        Prefix prefix = Prefix.parse("10.0.0.2/24");
        assertTrue(prefix.contains(IpAddress.parse("10.0.0.255")));
        assertFalse(prefix.contains(IpAddress.parse("10.0.1.0")));
        assertFalse(prefix.contains(IpAddress.parse("::10.0.0.2")));
        assertTrue(Prefix.parse("0.0.0.0/0").contains(IpAddress.parse("192.0.2.1")));
        assertFalse(Prefix.parse("0.0.0.0/0").contains(IpAddress.parse("fd00::1")));
        assertFalse(Prefix.parse("::/0").contains(IpAddress.parse("192.0.2.1")));
        assertTrue(Prefix.parse("::/0").contains(IpAddress.parse("fd00::1")));
        assertTrue(Prefix.parse("fd00::2/127").contains(IpAddress.parse("fd00::3")));
        assertFalse(Prefix.parse("fd00::2/128").contains(IpAddress.parse("fd00::3")));
    }

    /** Against arithmetic on big integers. */
    @Property
    void shouldContainWhatSharesItsFirstBits(
            @ForAll long hi,
            @ForAll long lo,
            @ForAll @IntRange(max = 128) int length,
            @ForAll @IntRange(max = 127) int bit) {
        long networkHi = hi | 1L << 63;
        BigInteger network = big(networkHi, lo);
        BigInteger other = network.flipBit(127 - bit);
        Prefix prefix = new Prefix(new IpAddress(networkHi, lo), length);
        boolean expected = network.shiftRight(128 - length).equals(other.shiftRight(128 - length));
        assertEquals(bit >= length, expected);
        assertEquals(expected, prefix.contains(other.shiftRight(64).longValue(), other.longValue()));
    }

    private static BigInteger big(long hi, long lo) {
        return new BigInteger(Long.toUnsignedString(hi)).shiftLeft(64).add(new BigInteger(Long.toUnsignedString(lo)));
    }

    @Test
    void shouldKnowItsBroadcastAddress() {
        IpAddress last = IpAddress.parse("10.0.0.255");
        assertTrue(Prefix.parse("10.0.0.2/24").isBroadcast(last.hi(), last.lo()));
        assertFalse(Prefix.parse("10.0.0.2/23").isBroadcast(last.hi(), last.lo()));
        assertFalse(Prefix.parse("10.0.0.254/31").isBroadcast(last.hi(), last.lo()));
        assertFalse(Prefix.parse("10.0.0.255/32").isBroadcast(last.hi(), last.lo()));
        assertFalse(Prefix.parse("fd00::/64").isBroadcast(0xFD00_0000_0000_0000L, -1));
    }

    @Test
    void shouldSayWhatIsWrong() {
        for (String text : new String[] {
            "10.0.0.2",
            "10.0.0.2/",
            "10.0.0.2/33",
            "10.0.0.2/-1",
            "10.0.0.2/+8",
            "10.0.0.2/2 4",
            "10.0.0.2/24/8",
            "fd00::2/129",
            "/24",
            "x/24",
            "10.0.0.2/1000"
        }) {
            assertThrows(IllegalArgumentException.class, () -> Prefix.parse(text), text);
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Prefix.parse("10.0.0.2/33"))
                .getMessage()
                .contains("length=33"));
    }
}
