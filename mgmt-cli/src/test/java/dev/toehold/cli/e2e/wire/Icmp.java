package dev.toehold.cli.e2e.wire;

import java.nio.ByteBuffer;

/** ICMP errors that quote a segment of the engine (RFC 792, RFC 4443). */
final class Icmp {
    static final int UNREACHABLE_V4 = 3;
    static final int FRAGMENTATION_NEEDED = 4;
    static final int SOURCE_QUENCH = 4;
    static final int TIME_EXCEEDED_V4 = 11;
    static final int PARAMETER_PROBLEM_V4 = 12;
    static final int UNREACHABLE_V6 = 1;
    static final int PACKET_TOO_BIG = 2;
    static final int TIME_EXCEEDED_V6 = 3;
    static final int PARAMETER_PROBLEM_V6 = 4;

    private static final int QUOTED_LENGTH = 20;

    private Icmp() {}

    /** The path takes packets of {@code mtu} bytes, says somebody about the segment at {@code seq}. */
    static void sendTooBig(Flow flow, int mtu, int seq) {
        if (flow.isIpv6()) {
            send(flow, PACKET_TOO_BIG, 0, mtu, seq);
        } else {
            send(flow, UNREACHABLE_V4, FRAGMENTATION_NEEDED, mtu, seq);
        }
    }

    /** Any error; {@code rest} is the second word of its message. */
    static void send(Flow flow, int type, int code, int rest, int seq) {
        byte[] quote = quote(flow, seq);
        ByteBuffer message = ByteBuffer.allocate(8 + quote.length)
                .put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .putInt(rest)
                .put(quote);
        int protocol = flow.isIpv6() ? 58 : 1;
        int sum = flow.isIpv6()
                ? Checksum.ofTransport(flow.local(), flow.remote(), protocol, message.array(), 0, message.capacity())
                : Checksum.of(message.array(), 0, message.capacity());
        message.putShort(2, (short) sum);
        byte[] header = header(flow.local(), flow.remote(), protocol, message.capacity());
        byte[] packet = ByteBuffer.allocate(header.length + message.capacity())
                .put(header)
                .put(message.array())
                .array();
        flow.wire().send(packet, flow.isIpv6());
    }

    /** What the engine sent: its IP header and the first bytes of TCP's. */
    private static byte[] quote(Flow flow, int seq) {
        byte[] header = header(flow.remote(), flow.local(), SegmentReader.TCP, 1_000);
        ByteBuffer out = ByteBuffer.allocate(header.length + QUOTED_LENGTH).put(header);
        out.putShort((short) flow.remotePort())
                .putShort((short) flow.localPort())
                .putInt(seq);
        out.putInt(flow.sndNxt()).putShort((short) 0x5010);
        return out.array();
    }

    private static byte[] header(byte[] source, byte[] destination, int protocol, int length) {
        if (source.length > RawWire.IPV4.length) {
            return ByteBuffer.allocate(40)
                    .putInt(0x60000000)
                    .putShort((short) length)
                    .put((byte) protocol)
                    .put((byte) 64)
                    .put(source)
                    .put(destination)
                    .array();
        }
        ByteBuffer header = ByteBuffer.allocate(20)
                .putShort((short) 0x4500)
                .putShort((short) (20 + length))
                .putInt(0x00014000)
                .put((byte) 64)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(source)
                .put(destination);
        return header.putShort(10, (short) Checksum.of(header.array(), 0, 20)).array();
    }
}
