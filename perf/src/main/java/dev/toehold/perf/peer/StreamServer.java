package dev.toehold.perf.peer;

import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** {@link Services#SUM_PORT} over the client library's blocking streams, one connection after the other. */
final class StreamServer implements AutoCloseable {
    private final Toehold toehold;
    private final Listener listener;
    private final byte[] bytes = new byte[BytePattern.MAX_CHUNK];
    private final MemorySegment memory = MemorySegment.ofArray(bytes);

    StreamServer(Path socket, InetAddress address) throws IOException {
        toehold = Toehold.builder().socket(socket).name("bench-streams").connect();
        boolean stands = false;
        try {
            listener = toehold.listen(new InetSocketAddress(address, Services.SUM_PORT));
            stands = true;
        } finally {
            if (!stands) {
                toehold.close();
            }
        }
    }

    /** Serves until the process ends. */
    void run() throws IOException {
        while (true) {
            try (Connection connection = listener.accept()) {
                serve(connection.inputStream(), connection.outputStream());
            }
        }
    }

    private void serve(InputStream in, OutputStream out) throws IOException {
        in.readNBytes(bytes, 0, Services.HELLO_LENGTH);
        ByteSum sum = new ByteSum();
        for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
            sum.accept(memory, 0, length);
        }
        out.write(ByteBuffer.allocate(Services.REPORT_LENGTH)
                .order(Services.ORDER)
                .putLong(sum.count())
                .putLong(sum.sum())
                .array());
    }

    @Override
    public void close() {
        toehold.close();
    }
}
