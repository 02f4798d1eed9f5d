package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionInfoTest {
    @Test
    void shouldReadWhatTheEngineWrites() {
        ConnectionInfo info = ConnectionInfo.parse("""
                {"state":"ESTABLISHED","sack":true,"ecn":false,"rttNs":25000,"cwnd":14480,"sndWscale":7,
                 "persistInNs":null, "retransmissionInNs" : -12, "later": {"a":[1,"}"],"b":{}}, "word":"a\\"\\u00e4\\n"}
                """);
        assertEquals("ESTABLISHED", info.state());
        assertTrue(info.sack());
        assertFalse(info.ecn());
        assertEquals(Duration.ofNanos(25_000), info.rtt());
        assertEquals(14_480, info.cwnd());
        assertEquals(7, info.sndWscale());
        assertEquals(Optional.empty(), info.persistIn());
        assertEquals(Optional.of(Duration.ofNanos(-12)), info.retransmissionIn());
        assertEquals("{\"a\":[1,\"}\"],\"b\":{}}", info.fields().get("later"));
        assertEquals("a\"\u00e4\n", info.fields().get("word"));
    }

    @Test
    void shouldReadWhatAnOlderEngineDoesNotTellAsNothing() {
        ConnectionInfo info = ConnectionInfo.parse("{}");
        assertEquals(Map.of(), info.fields());
        assertEquals("", info.congestionControl());
        assertEquals(0, info.sentBytes());
        assertEquals(Duration.ZERO, info.minRtt());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1",
                "{\"a\":1,}",
                "{\"a\":[1}",
                "{\"a\":\"b}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\uzzzz\"}",
                "{\"a\":1} 2"
            })
    void shouldRefuseWhatIsNoObject(String text) {
        assertThrows(IllegalArgumentException.class, () -> ConnectionInfo.parse(text));
    }
}
