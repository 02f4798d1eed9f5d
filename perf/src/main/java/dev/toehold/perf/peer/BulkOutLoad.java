package dev.toehold.perf.peer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Out of the stack under test. Every byte is compared when it is read; the streams are read to their ends, beyond the interval. */
final class BulkOutLoad extends BulkLoad {
    private final ByteBuffer target = ByteBuffer.allocateDirect(BytePattern.MAX_CHUNK);
    private final MemorySegment targetMemory = MemorySegment.ofBuffer(target);

    BulkOutLoad(LoadGenerator.Order order, BytePattern pattern) {
        super(order, pattern);
    }

    private final class Receiver extends Transfer {
        private final PatternVerifier verifier;

        private Receiver(SocketChannel channel, int stream) {
            super(channel, stream);
            verifier = new PatternVerifier(pattern, stream);
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            target.clear();
            int length = channel.read(target);
            if (length < 0) {
                key.cancel();
                String wrong = verifier.checkTrailer();
                if (!wrong.isEmpty()) {
                    throw new PeerFailure(wrong);
                }
            } else {
                verifier.accept(targetMemory, 0, length);
            }
        }

        @Override
        long bytes() {
            return verifier.position();
        }
    }

    LoadResult run() throws IOException {
        return run(Services.SOURCE_PORT, SelectionKey.OP_READ);
    }

    @Override
    Transfer newTransfer(SocketChannel channel, int stream) {
        return new Receiver(channel, stream);
    }

    @Override
    LoadResult measure(Selector selector, List<Transfer> transfers) throws IOException {
        long startNs = System.nanoTime();
        long measuredFromNs = transferUntil(selector, startNs + order.warmUpNs());
        long before = bytes(transfers);
        long endNs = transferUntil(selector, measuredFromNs + order.measureNs());
        long received = bytes(transfers) - before;
        for (Transfer transfer : transfers) {
            if (hasEnded(transfer, selector)) {
                throw new PeerFailure("stream " + transfer.stream + " ended before it was asked to");
            }
            transfer.channel.shutdownOutput();
        }
        while (!transfers.stream().allMatch(transfer -> hasEnded(transfer, selector))) {
            selectOnce(selector);
        }
        return LoadResult.ofBytes(received, endNs - measuredFromNs);
    }

    private static boolean hasEnded(Transfer transfer, Selector selector) {
        SelectionKey key = transfer.channel.keyFor(selector);
        return key == null || !key.isValid();
    }
}
