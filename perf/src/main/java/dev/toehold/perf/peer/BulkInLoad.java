package dev.toehold.perf.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * Into the stack under test. The interval ends when every server has told that it got and compared, or added up, all bytes, so what
 * still lies in a send buffer is no success.
 */
final class BulkInLoad extends BulkLoad {
    /** The server adds up what comes, instead of comparing it. */
    private final boolean isSummed;

    BulkInLoad(LoadGenerator.Order order, BytePattern pattern, boolean isSummed) {
        super(order, pattern);
        this.isSummed = isSummed;
    }

    private final class Sender extends Transfer {
        private final ByteBuffer source;
        private long position;

        private Sender(SocketChannel channel, int stream) {
            super(channel, stream);
            source = pattern.memory().asByteBuffer();
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            int offset = BytePattern.offset(stream, position);
            source.limit(offset + BytePattern.MAX_CHUNK).position(offset);
            position += channel.write(source);
        }

        @Override
        long bytes() {
            return position;
        }

        private void checkReport() throws IOException {
            channel.configureBlocking(true);
            ByteBuffer report = ByteBuffer.allocate(Services.REPORT_LENGTH).order(Services.ORDER);
            while (report.hasRemaining()) {
                if (channel.read(report) < 0) {
                    throw new PeerFailure("stream " + stream + ": the server closed without its report");
                }
            }
            long received = report.getLong(0);
            long finding = report.getLong(Long.BYTES);
            long expected = isSummed ? ByteSum.expected(pattern, stream, position) : PatternVerifier.NONE;
            if (received != position || finding != expected) {
                throw new PeerFailure("stream " + stream + ": sent " + position + " bytes, the server got " + received
                        + (isSummed
                                ? ", which add up to " + finding + ", not " + expected
                                : ", the first wrong one at " + finding));
            }
        }
    }

    LoadResult run() throws IOException {
        return run(isSummed ? Services.SUM_PORT : Services.SINK_PORT, SelectionKey.OP_WRITE);
    }

    @Override
    Transfer newTransfer(SocketChannel channel, int stream) {
        return new Sender(channel, stream);
    }

    @Override
    LoadResult measure(Selector selector, List<Transfer> transfers) throws IOException {
        long startNs = System.nanoTime();
        long measuredFromNs = transferUntil(selector, startNs + order.warmUpNs());
        long before = bytes(transfers);
        transferUntil(selector, measuredFromNs + order.measureNs());
        selector.close();
        for (Transfer transfer : transfers) {
            transfer.channel.shutdownOutput();
        }
        for (Transfer transfer : transfers) {
            ((Sender) transfer).checkReport();
        }
        return LoadResult.ofBytes(bytes(transfers) - before, System.nanoTime() - measuredFromNs);
    }
}
