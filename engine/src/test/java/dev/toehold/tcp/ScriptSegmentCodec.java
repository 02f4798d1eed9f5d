package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** The peer's segments as bytes, options in the order in which the script has them, malformed ones too. */
final class ScriptSegmentCodec {
    private ScriptSegmentCodec() {}

    static byte[] encode(ScriptSegment segment, int seqInitial, int ackInitial) {
        ByteArrayOutputStream options = new ByteArrayOutputStream();
        for (String option : segment.options()) {
            write(options, option.split(" ", -1), ackInitial);
        }
        while (options.size() % 4 != 0) {
            options.write(TcpOptions.KIND_END);
        }
        if (options.size() > Tcp.MAX_OPTIONS_LENGTH) {
            throw new IllegalArgumentException("options of " + options.size() + " bytes: " + segment);
        }
        int headerLength = Tcp.MIN_HEADER_LENGTH + options.size();
        byte[] bytes = new byte[headerLength + segment.length()];
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int seq = segment.seq().toWire(seqInitial);
        int ack = segment.ack() == null ? 0 : segment.ack().toWire(ackInitial);
        Tcp.write(memory, 0, 1, 2, seq, ack, headerLength, segment.flags(), segment.window(), segment.urgent());
        System.arraycopy(options.toByteArray(), 0, bytes, Tcp.MIN_HEADER_LENGTH, options.size());
        int first = SequenceNumber.diff(seq, seqInitial + 1) + (segment.has(Tcp.SYN) ? 1 : 0);
        for (int i = 0; i < segment.length(); i++) {
            bytes[headerLength + i] = StreamContent.at(ScriptHost.CONTENT_SEED, first + i);
        }
        Tcp.fillChecksum(memory, 0, bytes.length, bytes.length);
        return bytes;
    }

    private static void write(ByteArrayOutputStream out, String[] words, int ackInitial) {
        switch (words[0]) {
            case "mss" -> {
                out.writeBytes(new byte[] {TcpOptions.KIND_MSS, 4});
                writeInt(out, Integer.parseInt(words[1]), 2);
            }
            case "ws" -> out.writeBytes(new byte[] {TcpOptions.KIND_WINDOW_SCALE, 3, Byte.parseByte(words[1])});
            case "sackOK" -> out.writeBytes(new byte[] {TcpOptions.KIND_SACK_PERMITTED, 2});
            case "ts" -> {
                out.writeBytes(new byte[] {TcpOptions.KIND_NOP, TcpOptions.KIND_NOP, TcpOptions.KIND_TIMESTAMPS, 10});
                writeInt(out, (int) Long.parseLong(words[1]), 4);
                writeInt(out, (int) Long.parseLong(words[2]), 4);
            }
            case "sack" -> {
                out.writeBytes(new byte[] {TcpOptions.KIND_SACK, (byte) (2 + 8 * (words.length - 1))});
                for (int i = 1; i < words.length; i++) {
                    String[] edges = words[i].split(":", -1);
                    writeInt(out, ackInitial + 1 + (int) Long.parseLong(edges[0]), 4);
                    writeInt(out, ackInitial + 1 + (int) Long.parseLong(edges[1]), 4);
                }
            }
            case "raw" -> out.writeBytes(HexFormat.of().parseHex(words[1]));
            case "nots" -> {}
            default -> throw new IllegalArgumentException("option " + words[0]);
        }
    }

    private static void writeInt(ByteArrayOutputStream out, int value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write(value >>> (8 * i));
        }
    }
}
