package dev.toehold.cli.serve;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** The body of one request, by its length or in chunks (RFC 9112 section 7.1), with a limit. */
final class HttpBody {
    private static final int MAX_TRAILERS = 100;
    private static final int MAX_CHUNK_DIGITS = 15;

    private final HttpInput in;
    private final long limit;
    private final boolean chunked;
    private long received;

    /** Bytes left of the body, or of the current chunk. */
    private long remaining;

    private boolean firstChunk = true;
    private boolean ended;

    HttpBody(HttpInput in, HttpRequest request, long limit) {
        this.in = in;
        this.limit = limit;
        chunked = request.contentLength() == HttpRequest.CHUNKED;
        remaining = chunked ? 0 : request.contentLength();
        ended = !chunked && remaining == 0;
    }

    /**
     * Moves all of the body to the end of a file.
     *
     * @throws HttpException 400 for chunks that are none, 413 beyond the limit
     * @throws EOFException if the stream ends before the body does
     */
    void receiveInto(FileChannel file, byte[] scratch) throws IOException {
        while (!ended) {
            if (remaining == 0) {
                nextChunk();
            } else {
                receivePiece(file, scratch);
            }
        }
    }

    private void receivePiece(FileChannel file, byte[] scratch) throws IOException {
        long length = in.receiveInto(file, remaining, scratch);
        if (length < 0) {
            throw new EOFException("the stream ends within a body");
        }
        remaining -= length;
        received += length;
        ended = !chunked && remaining == 0;
    }

    boolean isRead() {
        return ended;
    }

    private void nextChunk() throws IOException {
        if (!firstChunk && !line().isEmpty()) {
            throw new HttpException(400, "a chunk is longer than its size");
        }
        firstChunk = false;
        String size = line();
        int extension = size.indexOf(';');
        size = (extension < 0 ? size : size.substring(0, extension)).strip();
        if (!size.matches("[0-9A-Fa-f]{1," + MAX_CHUNK_DIGITS + "}")) {
            throw new HttpException(400, "not a chunk size");
        }
        remaining = Long.parseLong(size, 16);
        if (remaining > limit - received) {
            throw new HttpException(413, "the body is larger than " + limit + " bytes");
        }
        if (remaining == 0) {
            ended = true;
            for (int i = 0; !line().isEmpty(); i++) {
                if (i == MAX_TRAILERS) {
                    throw new HttpException(431, "more than " + MAX_TRAILERS + " trailers");
                }
            }
        }
    }

    private String line() throws IOException {
        String line = in.readLine(400);
        if (line == null) {
            throw new EOFException("the stream ends within a body");
        }
        return line;
    }
}
