package dev.toehold.cli.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** One connection as a service sees it: streams, and for long bodies ways that need not copy. */
public class Conversation {
    private final InputStream in;
    private final OutputStream out;

    public Conversation(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    public InputStream in() {
        return in;
    }

    public OutputStream out() {
        return out;
    }

    /**
     * Writes some of the bytes that come next to the end of a file, waiting for the first.
     *
     * @param most at least 1
     * @param buffer for bytes that must pass through memory of this process
     * @return how many, at least 1 and at most {@code most}; -1 at the end of the stream
     */
    public long receiveInto(FileChannel file, long most, byte[] buffer) throws IOException {
        int length = in.read(buffer, 0, (int) Math.min(buffer.length, most));
        if (length > 0) {
            writeFully(file, ByteBuffer.wrap(buffer, 0, length));
        }
        return length;
    }

    /**
     * Sends a part of a file.
     *
     * @param buffer for bytes that must pass through memory of this process
     * @throws IOException if the file ends before: what was sent is then short
     */
    public void sendFrom(FileChannel file, long position, long length, byte[] buffer) throws IOException {
        long at = position;
        long end = position + length;
        while (at < end) {
            int read = file.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, end - at)), at);
            if (read < 0) {
                throw shortened();
            }
            out.write(buffer, 0, read);
            at += read;
        }
    }

    /** Content-Length is out by then: only a broken connection tells that the file got shorter. */
    protected static IOException shortened() {
        return new IOException("the file was shortened while it was sent");
    }

    /**
     * Writes all of it at the end of the file.
     *
     * @throws HttpException 507 for the disk's reasons: full, quota, input/output error
     */
    protected static void writeFully(FileChannel file, ByteBuffer bytes) throws HttpException {
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw new HttpException(507, "cannot be stored: " + e.getMessage());
        }
    }
}
