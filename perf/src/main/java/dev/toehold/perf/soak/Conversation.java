package dev.toehold.perf.soak;

import dev.toehold.perf.peer.BytePattern;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * What goes over one connection: one side asks, the other answers, messages of mixed sizes in turn, and each compares every byte it gets.
 * Sizes and bytes of both directions follow from a seed that the asking side says first, with a tag that names its process.
 */
final class Conversation {
    /** Bytes that a conversation reads into. */
    static final int BUFFER_LENGTH = 8 << 10;

    private static final int PREAMBLE_LENGTH = 3 * Long.BYTES;

    /** Whoever says anything else is a stranger. */
    private static final long GREETING = 0x74_61_6c_6b_6f_76_65_72L;

    /** Of all conversations of a process: nobody writes it. */
    private static final byte[] PATTERN_BYTES = new byte[BytePattern.LENGTH];

    private static final BytePattern PATTERN = new BytePattern(MemorySegment.ofArray(PATTERN_BYTES));

    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_LENGTH];
    private final long tag;
    private final long seed;
    private final SplittableRandom sizes;
    private long asked;
    private long answered;

    private Conversation(InputStream in, OutputStream out, long tag, long seed) {
        this.in = in;
        this.out = out;
        this.tag = tag;
        this.seed = seed;
        sizes = new SplittableRandom(seed);
    }

    /** A byte is not what it should be. */
    static final class WrongByteException extends IOException {
        private static final long serialVersionUID = 1L;

        WrongByteException(String message) {
            super(message);
        }
    }

    /** Begins to ask. */
    static Conversation ask(InputStream in, OutputStream out, long tag, long seed) throws IOException {
        out.write(ByteBuffer.allocate(PREAMBLE_LENGTH)
                .putLong(GREETING)
                .putLong(tag)
                .putLong(seed)
                .array());
        return new Conversation(in, out, tag, seed);
    }

    /** Hears who asks; null if the stream ends instead, or a stranger speaks. */
    static Conversation hear(InputStream in, OutputStream out) throws IOException {
        byte[] preamble = in.readNBytes(PREAMBLE_LENGTH);
        if (preamble.length < PREAMBLE_LENGTH) {
            return null;
        }
        ByteBuffer words = ByteBuffer.wrap(preamble);
        if (words.getLong() != GREETING) {
            return null;
        }
        return new Conversation(in, out, words.getLong(), words.getLong());
    }

    long tag() {
        return tag;
    }

    /** Bytes of both directions. */
    long bytes() {
        return asked + answered;
    }

    /** Mostly small, now and then more than a window of the beginning. */
    private static int size(SplittableRandom random) {
        return 1
                + switch (random.nextInt(16)) {
                    case 0, 1, 2, 3, 4, 5, 6, 7 -> random.nextInt(200);
                    case 8, 9, 10, 11, 12 -> random.nextInt(4 << 10);
                    case 13, 14 -> random.nextInt(32 << 10);
                    default -> random.nextInt(128 << 10);
                };
    }

    /** Asks once and compares the answer. */
    void askOnce() throws IOException {
        int there = size(sizes);
        int back = size(sizes);
        write(2 * seed, asked, there);
        asked += there;
        read(2 * seed + 1, answered, back);
        answered += back;
    }

    /**
     * Compares what is asked and answers once.
     *
     * @return false if the asking side has ended between two messages
     */
    boolean answerOnce() throws IOException {
        int first = in.read(buffer, 0, 1);
        if (first < 0) {
            return false;
        }
        compare(2 * seed, asked, 1);
        int there = size(sizes);
        int back = size(sizes);
        read(2 * seed, asked + 1, there - 1);
        asked += there;
        write(2 * seed + 1, answered, back);
        answered += back;
        return true;
    }

    private void write(long stream, long position, int length) throws IOException {
        out.write(PATTERN_BYTES, BytePattern.offset(stream, position), length);
        out.flush();
    }

    private void read(long stream, long position, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = in.read(buffer, 0, Math.min(BUFFER_LENGTH, length - done));
            if (count < 0) {
                throw new EOFException("tag=" + tag + " seed=" + seed + " ended at position " + (position + done)
                        + ", within a message");
            }
            compare(stream, position + done, count);
            done += count;
        }
    }

    private void compare(long stream, long position, int length) throws WrongByteException {
        long at = PATTERN.mismatch(stream, position, MemorySegment.ofArray(buffer), 0, length);
        if (at >= 0) {
            throw new WrongByteException("tag=" + tag + " seed=" + seed + ": wrong byte at position " + at);
        }
    }
}
