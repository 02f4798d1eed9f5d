package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkpoints a connection of the kernel and restores it, kernel to kernel over a veth between two namespaces; an {@link IngressBlock} holds
 * the peer's segments back. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.
 */
@Timeout(60)
class TcpRepairIT {
    private static final int TCP_PORT = 5001;
    private static final String BLOCK = "toehold-test";
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final String unique =
            ProcessHandle.current().pid() + "-" + ThreadLocalRandom.current().nextInt(1 << 30);
    private final Random random = new Random(5);
    private NetworkNamespace here;
    private NetworkNamespace there;
    private ServerSocketChannel listener;
    private SocketChannel local;
    private SocketChannel remote;
    private Fd fd;
    private TcpSocket socket;

    @BeforeEach
    void create() throws Exception {
        here = NetworkNamespace.create("thr-a" + unique);
        there = NetworkNamespace.create("thr-b" + unique);
        try (Netlink a = here.run(Netlink::open);
                Netlink b = there.run(Netlink::open)) {
            a.createVeth("veth-a", "veth-b", there);
            setUp(a, "veth-a", "10.99.0.1/24", "fd99::1/64");
            setUp(b, "veth-b", "10.99.0.2/24", "fd99::2/64");
        }
    }

    private static void setUp(Netlink netlink, String name, String ipv4, String ipv6) {
        int index = netlink.link(name).orElseThrow().index();
        netlink.addAddress(index, IpPrefix.parse(ipv4), false);
        netlink.addAddress(index, IpPrefix.parse(ipv6), false);
        netlink.setUp(index, true);
    }

    @AfterEach
    void delete() throws Exception {
        for (NetworkChannel channel : new NetworkChannel[] {local, remote, listener}) {
            if (channel != null) {
                channel.close();
            }
        }
        if (fd != null) {
            fd.close();
        }
        for (NetworkNamespace namespace : new NetworkNamespace[] {here, there}) {
            if (namespace != null) {
                namespace.delete();
            }
        }
    }

    /** The side that will be checkpointed is the one that accepts, on a listener without SO_REUSEADDR. */
    private void connect(boolean isIpv6) throws Exception {
        InetAddress address = InetAddress.getByName(isIpv6 ? "fd99::1" : "10.99.0.1");
        StandardProtocolFamily family = isIpv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        listener = here.run(() -> ServerSocketChannel.open(family));
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(new InetSocketAddress(address, TCP_PORT));
        remote = there.run(() -> SocketChannel.open(family));
        remote.connect(listener.getLocalAddress());
        local = listener.accept();
        fd = duplicateOf(local);
        socket = TcpSocket.of(fd);
        assertEquals(remote.getLocalAddress(), socket.remoteAddress());
        assertEquals(local.getLocalAddress(), socket.localAddress());
    }

    /** The JDK does not tell its descriptors: it is the socket with the channel's addresses. */
    private static Fd duplicateOf(SocketChannel channel) throws IOException {
        List<Path> entries;
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            entries = all.toList();
        }
        for (Path entry : entries) {
            int number = FileCalls.fcntl(Integer.parseInt(entry.getFileName().toString()), FcntlH.F_DUPFD_CLOEXEC, 0);
            if (number >= 0) {
                Fd copy = Fd.opened(number);
                if (isSocketOf(copy, channel)) {
                    return copy;
                }
                copy.close();
            }
        }
        throw new AssertionError("no descriptor of " + channel);
    }

    private static boolean isSocketOf(Fd fd, SocketChannel channel) throws IOException {
        try {
            TcpSocket candidate = TcpSocket.of(fd);
            return candidate.localAddress().equals(channel.getLocalAddress())
                    && candidate.remoteAddress().equals(channel.getRemoteAddress());
        } catch (IllegalArgumentException | LinuxException e) {
            return false; // no socket, not of TCP, or not connected
        }
    }

    private static Fd newSocket(int type) {
        return Fd.opened(SocketCalls.socket(SocketH.AF_INET, type | SocketH.SOCK_CLOEXEC, 0));
    }

    private byte[] content(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] receive(SocketChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
        assertFalse(buffer.hasRemaining(), "the stream ended early");
        return buffer.array();
    }

    private void awaitReceived(int bytes) throws InterruptedException {
        for (int i = 0; i < 1000 && socket.receiveQueueBytes() < bytes; i++) {
            Thread.sleep(10);
        }
        assertEquals(bytes, socket.receiveQueueBytes());
    }

    private void block(boolean on) throws Exception {
        here.run(() -> {
            if (on) {
                IngressBlock.install(BLOCK, "veth-a");
            } else {
                IngressBlock.remove(BLOCK);
            }
            return null;
        });
    }

    private static byte[] peek(TcpRepair repair, TcpRepair.Queue queue, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, length));
            assertEquals(length, repair.peek(queue, memory, 0, length));
            return memory.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    private static void append(TcpRepair repair, TcpRepair.Queue queue, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(JAVA_BYTE, bytes);
            int done = 0;
            while (done < bytes.length) {
                int taken = repair.append(queue, memory, done, Math.min(1000, bytes.length - done));
                assertTrue(taken > 0, "nothing taken at " + done);
                done += taken;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRestoreEveryByteOfBothQueues(boolean isIpv6) throws Exception {
        connect(isIpv6);
        byte[] unread = content(20_000);
        byte[] unacknowledged = content(9_000);
        byte[] later = content(5_000);
        send(remote, unread);
        awaitReceived(unread.length);
        block(true);
        send(local, unacknowledged); // arrives, but no ACK comes back
        assertArrayEquals(unacknowledged, receive(remote, unacknowledged.length));
        send(remote, later); // lost at the block; the peer will send it again

        TcpInfo info = socket.info();
        assertEquals(TcpInfo.State.ESTABLISHED, info.state());
        assertTrue(info.hasTimestamps() && info.hasSack() && info.hasWindowScale(), info.toString());
        InetSocketAddress here = socket.localAddress();
        InetSocketAddress peer = socket.remoteAddress();
        TcpRepair repair = socket.repair();
        int inQueue = socket.receiveQueueBytes();
        int outQueue = socket.sendQueueBytes();
        assertEquals(unread.length, inQueue);
        assertEquals(unacknowledged.length, outQueue);
        assertEquals(0, socket.unsentBytes());
        int rcvNxt = repair.sequence(TcpRepair.Queue.RECEIVE);
        int writeSeq = repair.sequence(TcpRepair.Queue.SEND);
        TcpRepairWindow window = repair.window();
        TcpRepairOptions options = new TcpRepairOptions(
                repair.peerMss(), info.hasWindowScale(), info.sndWscale(), info.rcvWscale(), true, true);
        int mss = info.sndMssBytes();
        int timestamp = repair.timestamp();
        assertEquals(0, timestamp & 1, "the clock counts microseconds");
        byte[] received = peek(repair, TcpRepair.Queue.RECEIVE, inQueue);
        byte[] sent = peek(repair, TcpRepair.Queue.SEND, outQueue);
        repair.park(here);
        assertEquals(TcpInfo.State.CLOSE, socket.info().state());

        repair.maxSegment(options.mssBytes());
        repair.sequence(TcpRepair.Queue.RECEIVE, rcvNxt - inQueue);
        repair.sequence(TcpRepair.Queue.SEND, writeSeq - outQueue);
        repair.connect(peer);
        repair.options(options);
        repair.timestamp(timestamp + 2 & ~1);
        append(repair, TcpRepair.Queue.RECEIVE, received);
        append(repair, TcpRepair.Queue.SEND, sent);
        repair.window(window);
        block(false);
        repair.end(true);

        assertArrayEquals(unread, receive(local, unread.length));
        assertArrayEquals(later, receive(local, later.length));
        byte[] afterwards = content(50_000);
        send(local, afterwards);
        assertArrayEquals(afterwards, receive(remote, afterwards.length));
        assertEquals(mss, socket.info().sndMssBytes(), "TCP_MAXSEG came too late");
        assertTrue(socket.info().hasTimestamps());
    }

    @Test
    void shouldGoOnSmallWithoutTheMaximumSegment() throws Exception {
        connect(false);
        int full = socket.info().sndMssBytes();
        InetSocketAddress peer = socket.remoteAddress();
        TcpRepair repair = socket.repair();
        int rcvNxt = repair.sequence(TcpRepair.Queue.RECEIVE);
        int sndNxt = repair.sequence(TcpRepair.Queue.SEND);
        repair.park(socket.localAddress());
        repair.sequence(TcpRepair.Queue.RECEIVE, rcvNxt);
        repair.sequence(TcpRepair.Queue.SEND, sndNxt);
        repair.connect(peer);
        repair.options(new TcpRepairOptions(1460, false, 0, 0, true, true));
        repair.end(false);
        assertTrue(socket.info().sndMssBytes() <= 536, "the kernel got better: " + full);
    }

    @Test
    void shouldForgetThatAddressesAreReused() throws Exception {
        connect(false);
        socket.reuseAddress(true);
        socket.repair().end(false);
        assertFalse(socket.isAddressReused(), "the kernel got better");
    }

    @Test
    void shouldReserveThePortOfAParkedConnection() throws Exception {
        connect(false);
        InetSocketAddress address = (InetSocketAddress) remote.getLocalAddress();
        InetSocketAddress peer = socket.localAddress();
        SocketChannel second = there.run(SocketChannel::open);
        second.connect(peer);
        try (second;
                Fd secondFd = duplicateOf(second)) {
            TcpSocket parked = TcpSocket.of(secondFd);
            InetSocketAddress own = parked.localAddress();
            assertNotEquals(address, own);
            TcpRepair repair = parked.repair();
            repair.park(own);
            SocketChannel third = there.run(SocketChannel::open);
            try (third) {
                assertThrows(IOException.class, () -> third.bind(own));
            }
            assertEquals(TcpInfo.State.CLOSE, parked.info().state());
            try (SocketChannel accepted = listener.accept()) {
                accepted.configureBlocking(false);
                assertEquals(0, accepted.read(ByteBuffer.allocate(1)), "the peer was told");
            }
        }
    }

    @Test
    void shouldAcknowledgeUnderRepair() throws Exception {
        connect(false);
        TcpRepair repair = socket.repair();
        int before = repair.sequence(TcpRepair.Queue.RECEIVE);
        send(remote, content(700));
        awaitReceived(700);
        assertEquals(before + 700, repair.sequence(TcpRepair.Queue.RECEIVE), "repair alone freezes nothing");
        repair.end(false);
    }

    @Test
    void shouldPeekFromTheFrontOnceThePeekOffsetIsOff() throws Exception {
        connect(false);
        byte[] bytes = content(10);
        send(remote, bytes);
        awaitReceived(10);
        assertEquals(-1, socket.peekOffset());
        socket.peekOffset(4);
        TcpRepair repair = socket.repair();
        assertArrayEquals(Arrays.copyOfRange(bytes, 4, 10), peek(repair, TcpRepair.Queue.RECEIVE, 6));
        socket.peekOffset(-1);
        assertArrayEquals(bytes, peek(repair, TcpRepair.Queue.RECEIVE, 10));
        repair.end(false);
    }

    @Test
    void shouldRefuseWrongArguments() throws Exception {
        connect(false);
        TcpRepair repair = socket.repair();
        assertThrows(IllegalArgumentException.class, () -> repair.timestamp(3));
        assertThrows(IllegalArgumentException.class, () -> repair.maxSegment(0));
        MemorySegment heap = MemorySegment.ofArray(new byte[10]);
        assertThrows(IllegalArgumentException.class, () -> repair.peek(TcpRepair.Queue.RECEIVE, heap, 0, 10));
        MemorySegment memory = Arena.ofAuto().allocate(10);
        assertThrows(IndexOutOfBoundsException.class, () -> repair.append(TcpRepair.Queue.SEND, memory, 5, 6));
        assertThrows(IllegalArgumentException.class, () -> new TcpRepairOptions(0, false, 0, 0, false, false));
        assertThrows(IllegalArgumentException.class, () -> new TcpRepairOptions(1460, true, 15, 0, false, false));
        assertThrows(IllegalArgumentException.class, () -> new TcpRepairOptions(1460, false, 1, 0, false, false));
        InetSocketAddress ipv6 = new InetSocketAddress("fd99::7", 1);
        assertThrows(IllegalArgumentException.class, () -> repair.connect(ipv6));
        repair.end(false);
    }

    @Test
    void shouldRefuseWhatIsNotTcp() throws Exception {
        try (Fd udp = newSocket(SocketH.SOCK_DGRAM)) {
            assertThrows(IllegalArgumentException.class, () -> TcpSocket.of(udp));
        }
        try (RegularFile file = RegularFile.open("/proc/self/status")) {
            assertThrows(IllegalArgumentException.class, () -> TcpSocket.of(file.fd()));
        }
        int mptcp = SocketCalls.socket(SocketH.AF_INET, SocketH.SOCK_STREAM | SocketH.SOCK_CLOEXEC, 262);
        if (mptcp >= 0) { // a kernel without MPTCP has none to refuse
            try (Fd mptcpFd = Fd.opened(mptcp)) {
                assertThrows(IllegalArgumentException.class, () -> TcpSocket.of(mptcpFd));
            }
        }
        connect(false);
        assertEquals("", socket.upperProtocol());
        assertFalse(socket.isZeroCopy());
        try (Fd listening = here.run(() -> newSocket(SocketH.SOCK_STREAM))) {
            assertEquals(0, SocketCalls.listen(listening.number(), 1));
            LinuxException refused = assertThrows(
                    LinuxException.class, () -> TcpSocket.of(listening).repair());
            assertTrue(refused.is(Errno.EPERM), refused.getMessage());
        }
    }
}
