package dev.toehold.perf.peer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Through the stack under test: in on one connection, out on another, where every byte is compared. */
final class ForwardLoad {
    private static final int STREAM = 1;
    private static final long SILENCE_MS = 20_000;

    private final LoadGenerator.Order order;
    private final PatternVerifier verifier;
    private final ByteBuffer source;
    private final ByteBuffer sink = ByteBuffer.allocateDirect(BytePattern.MAX_CHUNK);
    private final MemorySegment sinkMemory = MemorySegment.ofBuffer(sink);
    private long position;
    private boolean hasEnded;

    ForwardLoad(LoadGenerator.Order order, BytePattern pattern) {
        this.order = order;
        verifier = new PatternVerifier(pattern, STREAM);
        source = pattern.memory().asByteBuffer();
    }

    /** The interval ends when all that was sent has come. */
    LoadResult run() throws IOException {
        try (Selector selector = Selector.open();
                SocketChannel in = SocketChannel.open(order.remote(Services.FORWARD_TO_PORT));
                SocketChannel out = SocketChannel.open()) {
            if (in.read(ByteBuffer.allocate(Services.GREETING_LENGTH)) != Services.GREETING_LENGTH) {
                throw new PeerFailure("the server sent no greeting");
            }
            out.connect(order.remote(Services.FORWARD_PORT));
            in.configureBlocking(false);
            out.configureBlocking(false);
            in.register(selector, SelectionKey.OP_READ);
            out.register(selector, SelectionKey.OP_WRITE);
            transferUntil(selector, System.nanoTime() + order.warmUpNs());
            long before = verifier.position();
            long startNs = System.nanoTime();
            transferUntil(selector, startNs + order.measureNs());
            out.keyFor(selector).cancel();
            out.shutdownOutput();
            while (!hasEnded) {
                transferOnce(selector);
            }
            if (verifier.position() != position || verifier.firstMismatch() != PatternVerifier.NONE) {
                throw new PeerFailure("forwarded: sent " + position + " bytes, " + verifier.position()
                        + " came, the first wrong one at " + verifier.firstMismatch());
            }
            return LoadResult.ofBytes(verifier.position() - before, System.nanoTime() - startNs);
        }
    }

    private void transferUntil(Selector selector, long endNs) throws IOException {
        while (System.nanoTime() - endNs < 0) {
            transferOnce(selector);
            if (hasEnded) {
                throw new PeerFailure("the server ended the forwarded stream at " + verifier.position());
            }
        }
    }

    private void transferOnce(Selector selector) throws IOException {
        if (selector.select(SILENCE_MS) == 0) {
            throw new PeerFailure("nothing was forwarded for " + SILENCE_MS + " ms after " + verifier.position());
        }
        for (SelectionKey key : selector.selectedKeys()) {
            SocketChannel channel = (SocketChannel) key.channel();
            if (key.isReadable()) {
                read(channel);
            } else if (key.isWritable()) {
                int offset = BytePattern.offset(STREAM, position);
                source.limit(offset + BytePattern.MAX_CHUNK).position(offset);
                position += channel.write(source);
            }
        }
        selector.selectedKeys().clear();
    }

    private void read(SocketChannel channel) throws IOException {
        sink.clear();
        int length = channel.read(sink);
        if (length < 0) {
            hasEnded = true;
        } else {
            verifier.accept(sinkMemory, 0, length);
        }
    }
}
