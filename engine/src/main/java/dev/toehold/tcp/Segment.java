package dev.toehold.tcp;

import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * A segment that arrived: parsed, its checksum and lengths verified. One per lcore, filled anew for each; the core trims
 * {@link #seq}, {@link #flags} and the payload as RFC 9293 section 3.10.7.4 does, so the host must not rely on them afterwards.
 */
public final class Segment {
    public int seq;
    public int ack;

    /** Control bits as in {@link Tcp}. */
    public int flags;

    /** As on the wire, unscaled. */
    public int window;

    public int urgentPointer;

    /** The two ECN bits of the IP header (RFC 3168 section 5). */
    public int ecn;

    public final TcpOptions options = new TcpOptions();

    /** Where the payload lies; valid during the call. */
    public MemorySegment memory = MemorySegment.NULL;

    public long payloadOffset;
    public int payloadLength;

    public boolean has(int controlBits) {
        return (flags & controlBits) != 0;
    }

    /** SEG.LEN: SYN and FIN count. */
    public int length() {
        return payloadLength + (has(Tcp.SYN) ? 1 : 0) + (has(Tcp.FIN) ? 1 : 0);
    }

    /** Drops the first bytes of the text. */
    void trimFront(int bytes) {
        seq += bytes;
        payloadOffset += bytes;
        payloadLength -= bytes;
    }
}
