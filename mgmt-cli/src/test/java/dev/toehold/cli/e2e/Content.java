package dev.toehold.cli.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Bytes of a stream that follow from a seed and the position, so that every byte can be compared wherever it turns up. */
final class Content {
    private final long seed;

    Content(long seed) {
        this.seed = seed;
    }

    byte at(long position) {
        long z = seed + (position >>> 3) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (byte) ((z ^ (z >>> 31)) >>> ((position & 7) << 3));
    }

    byte[] bytes(long position, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(position + i);
        }
        return bytes;
    }

    void check(long position, ByteBuffer received) {
        for (int i = received.position(); i < received.limit(); i++) {
            long at = position + i - received.position();
            if (received.get(i) != at(at)) {
                throw new AssertionError(
                        "position=" + at + " differs: " + received.get(i) + " instead of " + at(at) + ", seed=" + seed);
            }
        }
    }

    /** Sends [from, to) in writes of at most {@code chunk} bytes. */
    void send(SocketChannel socket, long from, long to, int chunk) throws IOException {
        for (long position = from; position < to; ) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes(position, (int) Math.min(chunk, to - position)));
            position += buffer.remaining();
            while (buffer.hasRemaining()) {
                socket.write(buffer);
            }
        }
    }

    /** Receives [from, to) and compares every byte. */
    void receive(SocketChannel socket, long from, long to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        for (long position = from; position < to; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), to - position));
            int count = socket.read(buffer);
            if (count < 0) {
                throw new AssertionError("end of stream at position=" + position + " instead of " + to);
            }
            check(position, buffer.flip());
            position += count;
        }
    }

    /** The next thing on the stream must be its end. */
    static void checkEnd(SocketChannel socket) throws IOException {
        int count = socket.read(ByteBuffer.allocate(1));
        if (count >= 0) {
            throw new AssertionError("a byte more than was sent");
        }
    }
}
