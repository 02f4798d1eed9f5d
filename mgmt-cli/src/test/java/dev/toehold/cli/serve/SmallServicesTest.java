package dev.toehold.cli.serve;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class SmallServicesTest {
    @Test
    void shouldDiscardEverything() throws IOException {
        InputStream in = new ByteArrayInputStream(new byte[200_000]);

        SmallServices.discard(new Conversation(in, OutputStream.nullOutputStream()));

        assertEquals(-1, in.read());
    }

    @Test
    void shouldGenerateThePatternOfRfc864UntilThePeerGoes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, length);
                if (count > 100_000) {
                    throw new IllegalStateException("the peer went away");
                }
            }

            @Override
            public void write(byte[] bytes) {
                write(bytes, 0, bytes.length);
            }
        };

        Conversation peer = new Conversation(InputStream.nullInputStream(), out);
        assertThrows(IllegalStateException.class, () -> SmallServices.chargen(peer));

        String[] lines = out.toString(US_ASCII).split("\r\n", -1);
        assertEquals(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg", lines[0]);
        assertEquals("!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefgh", lines[1]);
        assertEquals('~', lines[94].charAt(0));
        assertEquals(lines[0], lines[95]);
        assertTrue(lines.length > 1000);
    }

    @Test
    void shouldTellTheTimeInOneLine() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        SmallServices.daytime(InstantSource.fixed(Instant.parse("2026-11-23T10:05:09Z")))
                .serve(new Conversation(InputStream.nullInputStream(), out));

        assertEquals("23 Nov 26 10:05:09 UTC\r\n", out.toString(US_ASCII));
    }
}
