package dev.toehold.cli.e2e.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** A segment in the making: whatever is asked for, right or wrong; what is not asked for is right. */
final class Draft {
    private static final int TCP_HEADER = 20;
    private static final int TCP = 6;

    private final Flow flow;
    private final int flags;
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();

    private byte[] source;
    private byte[] destination;
    private int seq;
    private int ack;
    private int window;
    private int urgent;
    private int ecn;
    private int reserved;
    private int dataOffset = -1;
    private int paddingLength;
    private int checksumError;
    private int hop = 64;
    private byte[] text = {};
    private byte[] ipOptions = {};
    private byte[] extensions = {};
    private int firstExtension = TCP;
    private boolean hasOwnTimestamps;

    Draft(Flow flow, int flags) {
        this.flow = flow;
        this.flags = flags;
        source = flow.local();
        destination = flow.remote();
        seq = flow.sndNxt();
        ack = (flags & Segment.ACK) != 0 ? flow.rcvNxt() : 0;
        window = flow.window();
        if (flow.timestampsAreOn() && (flags & Segment.SYN) == 0) {
            timestamps(flow.tsVal(), flow.tsRecent());
            hasOwnTimestamps = true;
        }
    }

    Draft seq(int value) {
        seq = value;
        return this;
    }

    Draft ack(int value) {
        ack = value;
        return this;
    }

    /** The field, not scaled. */
    Draft window(int value) {
        window = value;
        return this;
    }

    Draft text(byte[] value) {
        text = value;
        return this;
    }

    Draft urgent(int value) {
        urgent = value;
        return this;
    }

    Draft ecn(int value) {
        ecn = value;
        return this;
    }

    /** The four bits between the data offset and the flags. */
    Draft reserved(int value) {
        reserved = value;
        return this;
    }

    /** In words, instead of the right one. */
    Draft dataOffset(int value) {
        dataOffset = value;
        return this;
    }

    /** Bytes in the frame behind the IP packet. */
    Draft padding(int length) {
        paddingLength = length;
        return this;
    }

    Draft badChecksum() {
        checksumError = 1;
        return this;
    }

    Draft hop(int value) {
        hop = value;
        return this;
    }

    Draft source(byte[] value) {
        source = value;
        return this;
    }

    Draft destination(byte[] value) {
        destination = value;
        return this;
    }

    Draft mss(int value) {
        return option(Options.MSS, value >>> 8, value);
    }

    Draft scale(int value) {
        return option(Options.WINDOW_SCALE, value);
    }

    Draft sackPermitted() {
        return option(Options.SACK_PERMITTED);
    }

    /** Replaces what is there by itself. */
    Draft timestamps(int value, int echo) {
        if (hasOwnTimestamps) {
            withoutOptions();
        }
        ByteBuffer bytes = ByteBuffer.allocate(12)
                .put(new byte[] {Options.NO_OPERATION, Options.NO_OPERATION, Options.TIMESTAMPS, 10});
        options.writeBytes(bytes.putInt(value).putInt(echo).array());
        flow.onSentTsVal(value);
        return this;
    }

    Draft withoutOptions() {
        options.reset();
        hasOwnTimestamps = false;
        return this;
    }

    /** Left and right edges in turn. */
    Draft sack(int... edges) {
        ByteBuffer bytes = ByteBuffer.allocate(edges.length * Integer.BYTES + 4)
                .put(new byte[] {Options.NO_OPERATION, Options.NO_OPERATION, Options.SACK})
                .put((byte) (edges.length * Integer.BYTES + 2));
        for (int edge : edges) {
            bytes.putInt(edge);
        }
        options.writeBytes(bytes.array());
        return this;
    }

    private Draft option(int kind, int... value) {
        options.write(kind);
        options.write(value.length + 2);
        for (int each : value) {
            options.write(each);
        }
        return this;
    }

    /** Option bytes as they are. */
    Draft raw(int... bytes) {
        for (int each : bytes) {
            options.write(each);
        }
        return this;
    }

    /** Of the IPv4 header; a multiple of four bytes. */
    Draft ipOptions(byte[] value) {
        ipOptions = value;
        return this;
    }

    /** Extension headers of IPv6, the last of which must name TCP as the next. */
    Draft extensions(int first, byte[] value) {
        firstExtension = first;
        extensions = value;
        return this;
    }

    int seq() {
        return seq;
    }

    int length() {
        return text.length + ((flags & Segment.SYN) != 0 ? 1 : 0) + ((flags & Segment.FIN) != 0 ? 1 : 0);
    }

    void send() {
        flow.onSent(this);
        flow.wire().send(packet(), flow.isIpv6());
    }

    int flags() {
        return flags;
    }

    int rightEdge() {
        return ack + (window << ((flags & Segment.SYN) != 0 ? 0 : flow.sndScale()));
    }

    @Override
    public String toString() {
        return "< flags=" + Integer.toHexString(flags) + " seq=" + Integer.toUnsignedString(seq) + "+" + text.length
                + " ack=" + Integer.toUnsignedString(ack) + " win=" + window
                + (options.size() == 0 ? "" : " options=" + HexFormat.of().formatHex(options.toByteArray()));
    }

    byte[] packet() {
        byte[] tcp = tcp();
        int headerLength = flow.isIpv6() ? 40 + extensions.length : 20 + ipOptions.length;
        ByteBuffer out = ByteBuffer.allocate(headerLength + tcp.length + paddingLength);
        if (flow.isIpv6()) {
            out.putInt(0x60000000 | (ecn << 20)).putShort((short) (extensions.length + tcp.length));
            out.put((byte) firstExtension)
                    .put((byte) hop)
                    .put(source)
                    .put(destination)
                    .put(extensions);
        } else {
            out.put((byte) (0x40 | headerLength / 4)).put((byte) ecn).putShort((short) (headerLength + tcp.length));
            out.putShort((short) flow.nextIpId())
                    .putShort((short) 0x4000)
                    .put((byte) hop)
                    .put((byte) TCP);
            out.putShort((short) 0).put(source).put(destination).put(ipOptions);
            out.putShort(10, (short) Checksum.of(out.array(), 0, headerLength));
        }
        out.put(tcp);
        while (out.hasRemaining()) {
            out.put((byte) 0x5a);
        }
        return out.array();
    }

    private byte[] tcp() {
        while (options.size() % 4 != 0) {
            options.write(Options.END);
        }
        int headerLength = TCP_HEADER + options.size();
        int words = dataOffset >= 0 ? dataOffset : headerLength / 4;
        ByteBuffer out = ByteBuffer.allocate(headerLength + text.length);
        out.putShort((short) flow.localPort())
                .putShort((short) flow.remotePort())
                .putInt(seq)
                .putInt(ack);
        out.put((byte) ((words << 4) | reserved))
                .put((byte) flags)
                .putShort((short) window)
                .putShort((short) 0);
        out.putShort((short) urgent).put(options.toByteArray()).put(text);
        int sum = Checksum.ofTransport(source, destination, TCP, out.array(), 0, out.capacity());
        return out.putShort(16, (short) (sum ^ checksumError)).array();
    }
}
