package dev.toehold.perf.peer;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What servers offer, each all or some of it, on the TCP ports of the classic services of the same use.
 *
 * <ul>
 *   <li>{@link #ECHO_PORT}: whatever comes goes back.
 *   <li>{@link #SINK_PORT}: the client sends {@link #HELLO_LENGTH} bytes, the number of a {@link BytePattern} stream, then that
 *       stream, then its end. The server compares every byte, answers with {@link #REPORT_LENGTH} bytes (how many it got; where
 *       the first wrong one was, or -1) and closes.
 *   <li>{@link #SOURCE_PORT}: the client sends the same hello; the server sends that stream until the client ends its own
 *       direction, then {@link #TRAILER_LENGTH} bytes, the number of bytes before them, and closes.
 *   <li>{@link #SUM_PORT}: like the sink, but the server adds the bytes up, and its report is how many it got and their sum.
 *   <li>{@link #FORWARD_TO_PORT}: the server sends {@link #GREETING_LENGTH} bytes; then the client connects to {@link #FORWARD_PORT},
 *       and what it sends there comes on the first connection, the end too.
 * </ul>
 */
public final class Services {
    public static final int ECHO_PORT = 7;
    public static final int SINK_PORT = 9;
    public static final int SOURCE_PORT = 19;
    static final int FORWARD_PORT = 20;
    static final int FORWARD_TO_PORT = 21;
    static final int SUM_PORT = 22;

    static final int HELLO_LENGTH = Long.BYTES;
    static final int REPORT_LENGTH = 2 * Long.BYTES;
    static final int TRAILER_LENGTH = Long.BYTES;
    static final int GREETING_LENGTH = 1;

    /** Bytes of a request, and of a response. */
    public static final int MESSAGE_LENGTH = 64;

    /** Byte order of hello, report and trailer. */
    static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);

    private Services() {}
}
