package dev.toehold.perf.simulation;

import dev.toehold.net.IpAddress;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.TcpOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/**
 * What was sent and what became of it: the last packets as text for a failure's report and, when asked for, all of them as pcapng, an
 * interface for each side, the fate of a packet as its comment.
 */
final class PacketTrace {
    private static final int KEPT = 60;
    private static final int SECTION_HEADER = 0x0A0D_0D0A;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B_3C4D;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int LINK_ETHERNET = 1;
    private static final int OPTION_COMMENT = 1;
    private static final int OPTION_NAME = 2;
    private static final int OPTION_RESOLUTION = 9;
    private static final byte NANOSECONDS = 9;

    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Entry(int from, long nowNs, byte[] frame, String fate) {}

    private final ArrayDeque<Entry> last = new ArrayDeque<>();
    private final OutputStream out;

    /** @param out for pcapng; null = text only */
    PacketTrace(OutputStream out) {
        this.out = out;
        if (out != null) {
            writeHeader();
        }
    }

    void sent(int from, byte[] frame, long nowNs, String fate) {
        if (last.size() == KEPT) {
            last.remove();
        }
        last.add(new Entry(from, nowNs, frame, fate));
        if (out != null) {
            writePacket(from, frame, nowNs, fate);
        }
    }

    private void writeHeader() {
        ByteBuffer section = body(16);
        section.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        write(SECTION_HEADER, section);
        for (String name : new String[] {"A", "B"}) {
            ByteBuffer description = body(64);
            description.putShort((short) LINK_ETHERNET).putShort((short) 0).putInt(0);
            putOption(description, OPTION_NAME, name.getBytes(StandardCharsets.US_ASCII));
            putOption(description, OPTION_RESOLUTION, new byte[] {NANOSECONDS});
            description.putInt(0);
            write(INTERFACE_DESCRIPTION, description);
        }
    }

    private void writePacket(int from, byte[] frame, long nowNs, String fate) {
        byte[] comment = fate.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer packet = body(64 + frame.length + comment.length);
        packet.putInt(from).putInt((int) (nowNs >>> 32)).putInt((int) nowNs);
        packet.putInt(frame.length).putInt(frame.length).put(frame);
        pad(packet);
        if (comment.length > 0) {
            putOption(packet, OPTION_COMMENT, comment);
            packet.putInt(0);
        }
        write(ENHANCED_PACKET, packet);
    }

    private static ByteBuffer body(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void putOption(ByteBuffer buffer, int code, byte[] value) {
        buffer.putShort((short) code).putShort((short) value.length).put(value);
        pad(buffer);
    }

    private static void pad(ByteBuffer buffer) {
        while (buffer.position() % 4 != 0) {
            buffer.put((byte) 0);
        }
    }

    private void write(int type, ByteBuffer body) {
        int length = body.position() + 12;
        byte[] block = new byte[length];
        ByteBuffer.wrap(block)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .putInt(length)
                .put(body.flip())
                .putInt(length);
        try {
            out.write(block);
        } catch (IOException e) {
            throw new UncheckedIOException("the packet trace cannot be written: " + e.getMessage(), e);
        }
    }

    /** The last packets, a line each. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Entry entry : last) {
            text.append("%16.6f %s %s %s%n"
                    .formatted(entry.nowNs / 1e9, entry.from == 0 ? "A>B" : "B>A", describe(entry.frame), entry.fate));
        }
        return text.toString();
    }

    private static String describe(byte[] frame) {
        MemorySegment memory = MemorySegment.ofArray(frame);
        ParsedPacket packet = new ParsedPacket();
        int result = PacketParser.parse(memory, frame.length, packet);
        if (!ParseResult.isTcp(result)) {
            return ParseResult.name(result) + " length=" + frame.length;
        }
        TcpOptions options = new TcpOptions();
        int _ = options.parse(memory, packet);
        StringBuilder text = new StringBuilder();
        text.append(IpAddress.isIpv4(packet.sourceHi(), packet.sourceLo()) ? "tcp4 " : "tcp6 ");
        text.append(packet.sourcePort())
                .append('>')
                .append(packet.destinationPort())
                .append(' ');
        text.append(flags(packet.flags()));
        text.append(" seq=").append(packet.seq() & 0xFFFF_FFFFL);
        text.append(" ack=").append(packet.ack() & 0xFFFF_FFFFL);
        text.append(" win=").append(packet.window());
        text.append(" len=").append(packet.payloadLength());
        if (options.hasTimestamps()) {
            text.append(" ts=").append(options.tsVal()).append('/').append(options.tsEcr());
        }
        for (int i = 0; i < options.sackBlockCount(); i++) {
            text.append(" sack=")
                    .append(options.sackLeftEdge(i) & 0xFFFF_FFFFL)
                    .append('-')
                    .append(options.sackRightEdge(i) & 0xFFFF_FFFFL);
        }
        return text.toString();
    }

    private static String flags(int flags) {
        String names = "FSRPAUEC";
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < names.length(); bit++) {
            if ((flags & 1 << bit) != 0) {
                text.append(names.charAt(bit));
            }
        }
        return text.isEmpty() ? "-" : text.toString();
    }
}
