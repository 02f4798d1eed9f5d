package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes as engine and client: descriptors both ways, shared memory, wake-ups, identity, death. */
class SeqPacketProcessIT {
    private static final long SIZE = 4 * Mapping.pageBytes();
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

    @Test
    @Timeout(120)
    void shouldShareMemoryAndWakeAcrossProcessesAndSeeTheDeath(@TempDir Path directory) throws Exception {
        String path = directory.resolve("control.sock").toString();
        WakeSocket[] pair = WakeSocket.pair();
        try (SeqPacketListener listener = SeqPacketListener.bind(path, 0600, SeqPacketListener.KEEP_GROUP, 1);
                Epoll epoll = Epoll.create(4);
                WakeSocket wake = pair[0];
                SeqPacketMessage message = new SeqPacketMessage()) {
            epoll.add(listener.fd(), Epoll.IN, 1);
            Process client = startClient(path);
            try {
                awaitEvent(epoll, 1);
                SeqPacketSocket socket = listener.accept();
                assertEquals(client.pid(), socket.peerCredentials().pid());
                epoll.add(socket.fd(), Epoll.IN, 2);
                epoll.add(wake.fd(), Epoll.IN, 3);

                awaitEvent(epoll, 2);
                assertEquals(6, socket.receive(message));
                assertEquals("region", new String(message.payload().toArray(JAVA_BYTE), UTF_8));
                MemFd region = MemFd.adopt(message.takeDescriptor(0));
                assertTrue(region.seals().contains(Seal.SHRINK));
                assertTrue(region.isFullyAllocated());
                assertEquals(SIZE, region.sizeBytes());
                Mapping mapping = Mapping.map(region.fd(), 0, SIZE, Mapping.Access.READ_WRITE);
                region.close();
                assertEquals(4711, mapping.segment().get(JAVA_LONG, 0));
                mapping.segment().set(JAVA_LONG, SIZE - 8, 4712);

                socket.send(MemorySegment.ofArray("wake".getBytes(UTF_8)), pair[1].fd());
                pair[1].close();
                awaitEvent(epoll, 3);
                assertTrue(wake.drain());
                assertEquals(4713, mapping.segment().get(JAVA_LONG, 8), "written before the wake-up");

                epoll.remove(wake.fd());
                client.destroyForcibly();
                awaitEvent(epoll, 2);
                assertEquals(SeqPacketSocket.HANG_UP, socket.receive(message));
                assertEquals(4713, mapping.segment().get(JAVA_LONG, 8), "memory outlives its maker");
                mapping.close();
                socket.close();
            } finally {
                client.destroyForcibly();
                client.waitFor();
            }
        }
    }

    private static void awaitEvent(Epoll epoll, long data) {
        int count = 0;
        while (count == 0) {
            count = epoll.await(Epoll.FOREVER);
        }
        assertEquals(1, count);
        assertEquals(data, epoll.data(0));
    }

    private static Process startClient(String path) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Client.class.getName(),
                        path))
                .inheritIO()
                .start();
    }

    /** Makes a region, sends it, waits for the answer to appear in it, wakes the other side, waits to be killed. */
    static final class Client {
        private Client() {}

        public static void main(String[] args) {
            MemFd region = MemFd.create("toehold-test", HugePages.NONE);
            region.allocate(SIZE);
            region.seal(EnumSet.of(Seal.SHRINK));
            Mapping mapping = Mapping.map(region.fd(), 0, SIZE, Mapping.Access.READ_WRITE);
            mapping.segment().set(JAVA_LONG, 0, 4711);
            SeqPacketSocket socket = SeqPacketSocket.connect(args[0], TIMEOUT_NS);
            SeqPacketMessage message = new SeqPacketMessage();
            socket.send(MemorySegment.ofArray("region".getBytes(UTF_8)), region.fd());
            if (!socket.awaitReadable(TIMEOUT_NS) || socket.receive(message) != 4) {
                throw new IllegalStateException("no answer");
            }
            if (mapping.segment().get(JAVA_LONG, SIZE - 8) == 4712) {
                mapping.segment().set(JAVA_LONG, 8, 4713);
            }
            WakeSocket.adopt(message.takeDescriptor(0)).signal();
            socket.awaitReadable(TIMEOUT_NS); // a hang-up, if nobody kills it first
        }
    }
}
