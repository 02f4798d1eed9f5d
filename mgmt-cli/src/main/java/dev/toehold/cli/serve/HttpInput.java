package dev.toehold.cli.serve;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Lines and bytes of requests, from one buffer of fixed size. */
final class HttpInput {
    /** Longest line, without its end; also what is read from the connection at a time while lines are read. */
    static final int MAX_LINE = 8 * 1024;

    private final Conversation peer;
    private final InputStream in;
    private final byte[] buffer = new byte[MAX_LINE + 2];
    private int start;
    private int end;

    HttpInput(Conversation peer) {
        this.peer = peer;
        this.in = peer.in();
    }

    /**
     * The next line without its end, CRLF or a bare LF (RFC 9112 section 2.2), or null at the end of the stream.
     *
     * @throws HttpException {@code tooLong} as status if there is no end within {@link #MAX_LINE}; 400 for control characters
     * @throws EOFException if the stream ends within a line
     */
    String readLine(int tooLong) throws IOException {
        int scanned = start;
        while (true) {
            for (; scanned < end; scanned++) {
                if (buffer[scanned] == '\n') {
                    return takeLine(scanned);
                }
            }
            if (end - start > MAX_LINE) {
                throw new HttpException(tooLong, "a line is longer than " + MAX_LINE + " bytes");
            }
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, end - start);
                scanned -= start;
                end -= start;
                start = 0;
            }
            int length = in.read(buffer, end, buffer.length - end);
            if (length < 0) {
                if (start == end) {
                    return null;
                }
                throw new EOFException("the stream ends within a line");
            }
            end += length;
        }
    }

    private String takeLine(int lineFeed) throws HttpException {
        int lineEnd = lineFeed > start && buffer[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
        for (int i = start; i < lineEnd; i++) {
            if ((buffer[i] >= 0 && buffer[i] < ' ' && buffer[i] != '\t') || buffer[i] == 0x7F) {
                throw new HttpException(400, "a control character in a line");
            }
        }
        String line = new String(buffer, start, lineEnd - start, StandardCharsets.ISO_8859_1);
        start = lineFeed + 1;
        return line;
    }

    /**
     * Moves some of the next bytes to the end of a file: first what was read with the lines, then without a stay here.
     *
     * @return how many, at least 1 and at most {@code most}; -1 at the end of the stream
     */
    long receiveInto(FileChannel file, long most, byte[] scratch) throws IOException {
        if (start == end) {
            return peer.receiveInto(file, most, scratch);
        }
        int count = (int) Math.min(most, end - start);
        Conversation.writeFully(file, ByteBuffer.wrap(buffer, start, count));
        start += count;
        return count;
    }
}
