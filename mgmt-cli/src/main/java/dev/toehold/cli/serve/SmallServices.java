package dev.toehold.cli.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The small TCP services of 1983. */
public final class SmallServices {
    private static final int BUFFER_LENGTH = 64 * 1024;
    private static final int FIRST_PRINTABLE = ' ';
    private static final int PRINTABLE_COUNT = 95;
    private static final int CHARGEN_LINE = 72;

    private SmallServices() {}

    /** Throws away whatever comes (RFC 863). */
    public static void discard(Conversation peer) throws IOException {
        byte[] buffer = new byte[BUFFER_LENGTH];
        while (peer.in().read(buffer) >= 0) {
            // Nothing is ever answered.
        }
    }

    /**
     * Sends the recommended pattern, lines of 72 characters each shifted by one, until the peer goes away (RFC 864); what
     * the peer sends stays unread.
     */
    public static void chargen(Conversation peer) throws IOException {
        byte[] pattern = chargenPattern();
        while (true) {
            peer.out().write(pattern);
        }
    }

    /** The 95 lines after which the pattern repeats. */
    static byte[] chargenPattern() {
        byte[] pattern = new byte[PRINTABLE_COUNT * (CHARGEN_LINE + 2)];
        int at = 0;
        for (int line = 0; line < PRINTABLE_COUNT; line++) {
            for (int column = 0; column < CHARGEN_LINE; column++) {
                pattern[at++] = (byte) (FIRST_PRINTABLE + (line + column) % PRINTABLE_COUNT);
            }
            pattern[at++] = '\r';
            pattern[at++] = '\n';
        }
        return pattern;
    }

    /** Sends the time in one line and ends (RFC 867, its SMTP-like form, in UTC). */
    public static StreamService daytime(InstantSource clock) {
        DateTimeFormatter format = DateTimeFormatter.ofPattern("dd MMM yy HH:mm:ss 'UTC'\r\n", Locale.ROOT)
                .withZone(ZoneOffset.UTC);
        return peer -> peer.out().write(format.format(clock.instant()).getBytes(StandardCharsets.US_ASCII));
    }
}
