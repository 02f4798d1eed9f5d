package dev.toehold.ffi.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeqPacketListenerTest {
    private static final long TIMEOUT_NS = SECONDS.toNanos(30);

    @TempDir
    private Path directory;

    @Test
    void shouldAcceptWhoConnectsAndExchangeMessages() {
        try (SeqPacketListener listener = bind("control.sock")) {
            assertNull(listener.accept());
            try (SeqPacketSocket client = SeqPacketSocket.connect(listener.path(), TIMEOUT_NS);
                    SeqPacketSocket server = listener.accept();
                    SeqPacketMessage message = new SeqPacketMessage()) {
                assertEquals(
                        ProcessHandle.current().pid(), server.peerCredentials().pid());
                assertEquals(SeqPacketSocket.WOULD_BLOCK, server.receive(message));
                assertEquals(SeqPacketSocket.WOULD_BLOCK, client.receive(message));
                client.send(MemorySegment.ofArray("hello".getBytes(UTF_8)));
                assertTrue(server.awaitReadable(TIMEOUT_NS));
                assertEquals(5, server.receive(message));
            }
        }
    }

    @Test
    void shouldHaveExactlyTheModeAskedForWhateverTheUmask() throws IOException {
        int umask = Umask.set(077);
        try (SeqPacketListener listener = bind("control.sock")) {
            assertEquals(
                    "rw-rw----",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(listener.path()))));
        } finally {
            assertEquals(077, Umask.set(umask));
        }
    }

    @Test
    void shouldTakeOverAStaleSocketAndNoOther() throws IOException {
        Path path = directory.resolve("control.sock");
        SeqPacketListener listener = bind("control.sock");
        var refused = assertThrows(LinuxException.class, () -> bind("control.sock"));
        assertTrue(refused.is(Errno.EADDRINUSE), refused.getMessage());
        SeqPacketSocket.connect(path.toString(), TIMEOUT_NS).close();
        listener.close();
        assertFalse(Files.exists(path));

        leaveStaleSocket(path.toString());
        assertTrue(Files.exists(path));
        assertTrue(assertThrows(LinuxException.class, () -> SeqPacketSocket.connect(path.toString(), TIMEOUT_NS))
                .is(Errno.ECONNREFUSED));
        bind("control.sock").close();
        assertFalse(Files.exists(path));

        Files.writeString(path, "not a socket");
        assertTrue(
                assertThrows(LinuxException.class, () -> bind("control.sock")).is(Errno.EADDRINUSE));
        assertEquals("not a socket", Files.readString(path));
    }

    @Test
    void shouldLeaveALivingStreamSocketAlone() throws IOException {
        Path path = directory.resolve("stream.sock");
        try (ServerSocketChannel stream = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stream.bind(UnixDomainSocketAddress.of(path));
            assertTrue(assertThrows(LinuxException.class, () -> bind("stream.sock"))
                    .is(Errno.EADDRINUSE));
            assertTrue(assertThrows(LinuxException.class, () -> SeqPacketSocket.connect(path.toString(), TIMEOUT_NS))
                    .is(Errno.EPROTOTYPE));
        }
    }

    @Test
    void shouldNotRemoveAPathThatAnotherHasTaken() throws IOException {
        SeqPacketListener first = bind("control.sock");
        Files.delete(Path.of(first.path()));
        try (SeqPacketListener second = bind("control.sock")) {
            first.close();
            first.close();
            assertTrue(Files.exists(Path.of(second.path())));
        }
    }

    @Test
    void shouldDropConnectionsWhenNoDescriptorIsLeft() {
        List<Fd> filler = new ArrayList<>();
        Rlimit before = Rlimit.get(Rlimit.Resource.NOFILE);
        try (SeqPacketListener listener = bind("control.sock");
                SeqPacketSocket first = SeqPacketSocket.connect(listener.path(), TIMEOUT_NS);
                SeqPacketSocket second = SeqPacketSocket.connect(listener.path(), TIMEOUT_NS);
                SeqPacketMessage message = new SeqPacketMessage()) {
            int highest = ProcessInfo.openDescriptors().lastKey();
            new Rlimit(highest + 8, before.hard()).set(Rlimit.Resource.NOFILE);
            try {
                while (true) {
                    filler.add(EventFd.create().fd());
                }
            } catch (LinuxException e) {
                assertTrue(e.is(Errno.EMFILE), e.getMessage());
            }
            assertNull(listener.accept());
            assertEquals(1, listener.droppedCount());
            assertEquals(SeqPacketSocket.HANG_UP, first.receive(message));
            filler.forEach(Fd::close);
            try (SeqPacketSocket accepted = listener.accept()) {
                assertNotNull(accepted);
                assertEquals(SeqPacketSocket.WOULD_BLOCK, second.receive(message));
            }
        } finally {
            before.set(Rlimit.Resource.NOFILE);
            filler.forEach(Fd::close);
        }
    }

    @Test
    void shouldSayWhenNobodyListens() {
        String path = directory.resolve("none.sock").toString();
        var refused = assertThrows(LinuxException.class, () -> SeqPacketSocket.connect(path, TIMEOUT_NS));
        assertTrue(refused.is(Errno.ENOENT));
        assertTrue(refused.getMessage().contains(path), refused.getMessage());
    }

    @Test
    void shouldGiveUpConnectingWhenTheBacklogStaysFull() {
        List<SeqPacketSocket> clients = new ArrayList<>();
        try (SeqPacketListener listener =
                SeqPacketListener.bind(directory.resolve("b.sock").toString(), 0600, SeqPacketListener.KEEP_GROUP, 1)) {
            var refused = assertThrows(LinuxException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    clients.add(SeqPacketSocket.connect(listener.path(), 1_000_000));
                }
            });
            assertTrue(refused.is(Errno.EAGAIN), refused.getMessage());
            assertTrue(clients.size() >= 1);
        } finally {
            clients.forEach(SeqPacketSocket::close);
        }
    }

    @Test
    void shouldRefuseWrongArgumentsInJava() {
        String fits = "/tmp/" + "x".repeat(102);
        assertTrue(assertThrows(LinuxException.class, () -> SeqPacketSocket.connect(fits, TIMEOUT_NS))
                .is(Errno.ENOENT));
        for (String path : new String[] {null, "", "a\0b", fits + "x", "ä".repeat(54)}) {
            assertThrows(IllegalArgumentException.class, () -> SeqPacketSocket.connect(path, TIMEOUT_NS));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SeqPacketListener.bind(path, 0600, SeqPacketListener.KEEP_GROUP, 1));
        }
        String path = directory.resolve("c.sock").toString();
        assertThrows(IllegalArgumentException.class, () -> SeqPacketListener.bind(path, 01000, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> SeqPacketListener.bind(path, 0600, -2, 1));
        assertThrows(IllegalArgumentException.class, () -> SeqPacketListener.bind(path, 0600, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> SeqPacketSocket.connect(path, 0));
        assertFalse(Files.exists(Path.of(path)));
    }

    /** What a process that was killed leaves behind: the path without the socket. */
    private static void leaveStaleSocket(String path) {
        try (Fd fd = SeqPacketSocket.open(0);
                Arena arena = Arena.ofConfined()) {
            MemorySegment address = SockaddrUnDescriptor.allocate(arena, path);
            assertEquals(0, SocketCalls.bind(fd.number(), address, (int) SockaddrUnDescriptor.LAYOUT.byteSize()));
        }
    }

    private SeqPacketListener bind(String name) {
        return SeqPacketListener.bind(directory.resolve(name).toString(), 0660, SeqPacketListener.KEEP_GROUP, 16);
    }
}
