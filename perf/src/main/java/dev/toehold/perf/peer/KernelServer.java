package dev.toehold.perf.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** {@link Services} over the kernel's sockets: one thread, one selector, no copy but the kernel's. */
final class KernelServer implements AutoCloseable {
    private static final int ECHO_BUFFER_LENGTH = 16 << 10;
    private static final int BACKLOG = 256;

    private final BytePattern pattern = new BytePattern();
    private final ByteBuffer sinkBuffer = ByteBuffer.allocateDirect(BytePattern.MAX_CHUNK);
    private final MemorySegment sinkMemory = MemorySegment.ofBuffer(sinkBuffer);
    private final Selector selector;
    private ForwardTo newestTarget;

    KernelServer(InetAddress address) throws IOException {
        selector = Selector.open();
        listen(address, Services.ECHO_PORT, Echo::new);
        listen(address, Services.SINK_PORT, Sink::new);
        listen(address, Services.SOURCE_PORT, Source::new);
        listen(address, Services.SUM_PORT, Sum::new);
        listen(address, Services.FORWARD_TO_PORT, ForwardTo::new);
        listen(address, Services.FORWARD_PORT, Forward::new);
    }

    /** One connection. */
    private abstract static class Service {
        final SocketChannel channel;

        Service(SocketChannel channel) {
            this.channel = channel;
        }

        abstract void onReady(SelectionKey key) throws IOException;

        /** Reads until the buffer is full. Returns whether it is. */
        final boolean fill(ByteBuffer buffer) throws IOException {
            if (buffer.hasRemaining() && channel.read(buffer) < 0) {
                throw new PeerFailure("the load generator closed within its hello");
            }
            return !buffer.hasRemaining();
        }

        /** The last bytes, and the end. */
        final void report(SelectionKey key, long first, long second) throws IOException {
            key.cancel();
            ByteBuffer report = ByteBuffer.allocate(Services.REPORT_LENGTH)
                    .order(Services.ORDER)
                    .putLong(first)
                    .putLong(second)
                    .flip();
            channel.write(report); // the first bytes of this direction: they fit
            channel.close();
        }
    }

    @FunctionalInterface
    private interface ServiceFactory {
        Service create(SocketChannel channel) throws IOException;
    }

    private static final class Echo extends Service {
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(ECHO_BUFFER_LENGTH);

        private Echo(SocketChannel channel) {
            super(channel);
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            if (key.isReadable()) {
                buffer.clear();
                if (channel.read(buffer) < 0) {
                    channel.close();
                    return;
                }
                buffer.flip();
            }
            channel.write(buffer);
            int interest = buffer.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
        }
    }

    private final class Sink extends Service {
        private final ByteBuffer hello =
                ByteBuffer.allocate(Services.HELLO_LENGTH).order(Services.ORDER);
        private PatternVerifier verifier;

        private Sink(SocketChannel channel) {
            super(channel);
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            if (verifier == null) {
                if (fill(hello)) {
                    verifier = new PatternVerifier(pattern, hello.getLong(0));
                }
                return;
            }
            sinkBuffer.clear();
            int length = channel.read(sinkBuffer);
            if (length >= 0) {
                verifier.accept(sinkMemory, 0, length);
                return;
            }
            report(key, verifier.position(), verifier.firstMismatch());
        }
    }

    private final class Source extends Service {
        private final ByteBuffer hello =
                ByteBuffer.allocate(Services.HELLO_LENGTH).order(Services.ORDER);
        private final ByteBuffer stop = ByteBuffer.allocate(1);
        private final ByteBuffer bytes = pattern.memory().asByteBuffer();
        private ByteBuffer trailer;
        private long position;

        private Source(SocketChannel channel) {
            super(channel);
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            if (hello.hasRemaining()) {
                if (fill(hello)) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                }
                return;
            }
            if (key.isReadable() && trailer == null && channel.read(stop) < 0) {
                trailer = ByteBuffer.allocate(Services.TRAILER_LENGTH).order(Services.ORDER);
                trailer.putLong(position).flip();
                key.interestOps(SelectionKey.OP_WRITE);
            }
            if (!key.isWritable()) {
                return;
            }
            if (trailer == null) {
                int offset = BytePattern.offset(hello.getLong(0), position);
                bytes.limit(offset + BytePattern.MAX_CHUNK).position(offset);
                position += channel.write(bytes);
                return;
            }
            channel.write(trailer);
            if (!trailer.hasRemaining()) {
                channel.close();
            }
        }
    }

    /** Adds up what comes. */
    private final class Sum extends Service {
        private final ByteBuffer hello = ByteBuffer.allocate(Services.HELLO_LENGTH);
        private final ByteSum sum = new ByteSum();

        private Sum(SocketChannel channel) {
            super(channel);
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            if (hello.hasRemaining()) {
                fill(hello);
                return;
            }
            sinkBuffer.clear();
            int length = channel.read(sinkBuffer);
            if (length >= 0) {
                sum.accept(sinkMemory, 0, length);
            } else {
                report(key, sum.count(), sum.sum());
            }
        }
    }

    /** The connection that forwarded bytes leave on. */
    private final class ForwardTo extends Service {
        private Forward from;

        private ForwardTo(SocketChannel channel) throws IOException {
            super(channel);
            newestTarget = this;
            channel.write(ByteBuffer.allocate(Services.GREETING_LENGTH));
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            if (key.isWritable()) {
                from.write();
            } else if (channel.read(ByteBuffer.allocate(1)) < 0) {
                channel.close();
            }
        }
    }

    private final class Forward extends Service {
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BytePattern.MAX_CHUNK);
        private final ForwardTo to = newestTarget;

        private Forward(SocketChannel channel) {
            super(channel);
            to.from = this;
        }

        @Override
        void onReady(SelectionKey key) throws IOException {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                channel.close();
                to.channel.close();
                return;
            }
            buffer.flip();
            write();
        }

        /** Reads no more until all of it is written. */
        private void write() throws IOException {
            to.channel.write(buffer);
            boolean isDone = !buffer.hasRemaining();
            channel.keyFor(selector).interestOps(isDone ? SelectionKey.OP_READ : 0);
            to.channel.keyFor(selector).interestOps(isDone ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
        }
    }

    private void listen(InetAddress address, int port, ServiceFactory factory) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(new InetSocketAddress(address, port), BACKLOG);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_ACCEPT, factory);
    }

    /** Serves until closed. */
    void run() throws IOException {
        while (selector.isOpen()) {
            selector.select(this::onReady);
        }
    }

    private void onReady(SelectionKey key) {
        try {
            if (key.attachment() instanceof Service service) {
                serve(key, service);
            } else {
                accept(key, (ServiceFactory) key.attachment());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(SelectionKey key, ServiceFactory factory) throws IOException {
        SocketChannel channel = ((ServerSocketChannel) key.channel()).accept();
        if (channel != null) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, factory.create(channel));
        }
    }

    /** A connection that fails is the load generator's to report: this side only ends it. */
    private static void serve(SelectionKey key, Service service) throws IOException {
        try {
            service.onReady(key);
        } catch (IOException e) {
            service.channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
