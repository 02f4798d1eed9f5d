package dev.toehold.tcp;

import dev.toehold.net.InternetChecksum;
import dev.toehold.net.Tcp;
import java.lang.foreign.MemorySegment;

/** TCP segments as bytes with a real checksum, so that corruption is found the way it is on a wire. */
final class SegmentCodec {
    private SegmentCodec() {}

    static byte[] encode(TxSegment tx, long contentSeed) {
        int headerLength = Tcp.MIN_HEADER_LENGTH + tx.optionsLength();
        byte[] bytes = new byte[headerLength + tx.payloadLength];
        MemorySegment memory = MemorySegment.ofArray(bytes);
        long options = Tcp.write(memory, 0, 1, 2, tx.seq, tx.ack, headerLength, tx.flags, tx.window, 0);
        long end = tx.writeOptions(memory, options);
        CheckingTcbStore.check(end == headerLength, "options written", end);
        for (int i = 0; i < tx.payloadLength; i++) {
            bytes[headerLength + i] = StreamContent.at(contentSeed, tx.payloadPosition + i);
        }
        Tcp.fillChecksum(memory, 0, bytes.length, bytes.length);
        return bytes;
    }

    /** False = the checksum or the structure says that this is no segment. */
    static boolean decode(byte[] bytes, Segment segment) {
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int sum = InternetChecksum.sum(memory, 0, bytes.length) + bytes.length;
        if (InternetChecksum.complement(sum) != 0) {
            return false;
        }
        int headerLength = Tcp.headerLength(memory, 0);
        if (headerLength < Tcp.MIN_HEADER_LENGTH || headerLength > bytes.length) {
            return false;
        }
        segment.seq = Tcp.seq(memory, 0);
        segment.ack = Tcp.ack(memory, 0);
        segment.flags = Tcp.flags(memory, 0);
        segment.window = Tcp.window(memory, 0);
        segment.urgentPointer = Tcp.urgentPointer(memory, 0);
        segment.ecn = 0;
        segment.options.parse(memory, Tcp.MIN_HEADER_LENGTH, headerLength - Tcp.MIN_HEADER_LENGTH);
        segment.memory = memory;
        segment.payloadOffset = headerLength;
        segment.payloadLength = bytes.length - headerLength;
        return true;
    }

    static String describe(byte[] bytes) {
        MemorySegment memory = MemorySegment.ofArray(bytes);
        int headerLength = Tcp.headerLength(memory, 0);
        StringBuilder flags = new StringBuilder();
        int bits = Tcp.flags(memory, 0);
        for (int i = 0; i < 8; i++) {
            if ((bits & 1 << i) != 0) {
                flags.append("FSRPAUEC".charAt(i));
            }
        }
        return "%s seq=%08x ack=%08x wnd=%d len=%d options=%d"
                .formatted(
                        flags,
                        Tcp.seq(memory, 0),
                        Tcp.ack(memory, 0),
                        Tcp.window(memory, 0),
                        bytes.length - headerLength,
                        headerLength - Tcp.MIN_HEADER_LENGTH);
    }
}
