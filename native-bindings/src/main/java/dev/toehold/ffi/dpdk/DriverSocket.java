package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.toehold.ffi.linux.Fd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The kernel socket beneath a queue of net_af_packet or net_af_xdp. The drivers do not show it, so it is found
 * among the descriptors that appeared while they were set up. This holds a duplicate: close it before the port.
 */
public final class DriverSocket implements AutoCloseable {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    // asm-generic/socket.h and linux/if_packet.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_DOMAIN = 39;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_MR_ALLMULTI = 2;
    private static final int SOCKADDR_LL_SIZE = 20;
    private static final int SOCKADDR_LL_IFINDEX = 4;

    /** Kind of socket. */
    public enum Family {
        AF_PACKET(17),
        AF_XDP(44);

        private final int number;

        Family(final int number) {
            this.number = number;
        }
    }

    private final Fd fd;
    private final Family family;
    private long drops;

    private DriverSocket(final Fd fd, final Family family) {
        this.fd = fd;
        this.family = family;
    }

    /** The sockets that are open now; for {@link #openedSince}. */
    public static Set<String> snapshot() {
        final Set<String> sockets = new HashSet<>();
        listSockets((number, socket) -> sockets.add(socket));
        return sockets;
    }

    /**
     * The sockets of {@code family} that were opened since {@code before}, in the order of their descriptors, which is
     * that of the driver's queues.
     */
    public static List<DriverSocket> openedSince(final Set<String> before, final Family family) {
        final List<Integer> numbers = new ArrayList<>();
        listSockets((number, socket) -> {
            if (!before.contains(socket) && domain(number) == family.number) {
                numbers.add(number);
            }
        });
        numbers.sort(Comparator.naturalOrder());
        final List<DriverSocket> sockets = new ArrayList<>();
        for (final int number : numbers) {
            sockets.add(new DriverSocket(Fd.adopt(SocketLibrary.duplicate(number)), family));
        }
        return sockets;
    }

    private interface SocketVisitor {
        void visit(int number, String socket);
    }

    private static void listSockets(final SocketVisitor visitor) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
            for (final Path entry : entries) {
                final String target;
                try {
                    target = Files.readSymbolicLink(entry).toString();
                } catch (final IOException e) {
                    // Another thread closed it meanwhile; a driver's socket stays.
                    continue;
                }
                if (target.startsWith("socket:")) {
                    visitor.visit(Integer.parseInt(entry.getFileName().toString()), target);
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot list " + DESCRIPTORS, e);
        } catch (final DirectoryIteratorException e) {
            throw new UncheckedIOException("cannot list " + DESCRIPTORS, e.getCause());
        }
    }

    private static int domain(final int number) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment domain = arena.allocate(JAVA_INT);
            return SocketLibrary.getsockopt(number, SOL_SOCKET, SO_DOMAIN, domain) < 0 ? -1 : domain.get(JAVA_INT, 0);
        }
    }

    /** The duplicate, for epoll: readable while a received frame waits. Owned by this object. */
    public Fd fd() {
        return fd;
    }

    /** Index of the interface that an AF_PACKET socket is bound to. */
    public int interfaceIndex() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment address = arena.allocate(SOCKADDR_LL_SIZE, 4);
            SocketLibrary.check("getsockname", SocketLibrary.getsockname(fd.number(), address));
            return address.get(JAVA_INT, SOCKADDR_LL_IFINDEX);
        }
    }

    /**
     * Makes an AF_PACKET socket pass over what this host's own kernel sends through the interface; such frames
     * would look as if they had come from the wire. PACKET_IGNORE_OUTGOING would not do: the driver has put the
     * socket in a fanout group, whose own hook ignores that option. Frames that this socket sends never come back
     * to it.
     */
    public void dropOutgoing() {
        // struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. Load the packet's type; if PACKET_OUTGOING keep 0 bytes,
        // else all.
        final int[][] program = {
            {0x20, 0, 0, 0xfffff000 + 4},
            {0x15, 0, 1, 4},
            {0x06, 0, 0, 0},
            {0x06, 0, 0, 0x7fffffff}
        };
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment filter = arena.allocate(8L * program.length, 8);
            for (int i = 0; i < program.length; i++) {
                filter.set(JAVA_SHORT, 8L * i, (short) program[i][0]);
                filter.set(JAVA_BYTE, 8L * i + 2, (byte) program[i][1]);
                filter.set(JAVA_BYTE, 8L * i + 3, (byte) program[i][2]);
                filter.set(JAVA_INT, 8L * i + 4, program[i][3]);
            }
            final MemorySegment fprog = arena.allocate(16, 8);
            fprog.set(JAVA_SHORT, 0, (short) program.length);
            fprog.set(JAVA_LONG, 8, filter.address());
            SocketLibrary.check(
                    "setsockopt(SO_ATTACH_FILTER)",
                    SocketLibrary.setsockopt(fd.number(), SOL_SOCKET, SO_ATTACH_FILTER, fprog));
        }
    }

    /**
     * Takes the socket's pending error, such as ENETDOWN when the interface went down. Until it is taken, epoll
     * reports the socket at once, again and again.
     *
     * @return the positive errno, 0 if there is none
     */
    public int takeError() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment error = arena.allocate(JAVA_INT);
            SocketLibrary.check(
                    "getsockopt(SO_ERROR)", SocketLibrary.getsockopt(fd.number(), SOL_SOCKET, SO_ERROR, error));
            return error.get(JAVA_INT, 0);
        }
    }

    /**
     * Frames that an AF_PACKET socket has lost since it was opened, its ring being full; 0 for AF_XDP, whose driver
     * counts.
     */
    public synchronized long drops() {
        if (family == Family.AF_PACKET && fd.isOpen()) {
            try (Arena arena = Arena.ofConfined()) {
                // struct tpacket_stats: packets, drops; reading sets both to 0.
                final MemorySegment stats = arena.allocate(JAVA_INT, 2);
                SocketLibrary.check(
                        "getsockopt(PACKET_STATISTICS)",
                        SocketLibrary.getsockopt(fd.number(), SOL_PACKET, PACKET_STATISTICS, stats));
                drops += Integer.toUnsignedLong(stats.getAtIndex(JAVA_INT, 1));
            }
        }
        return drops;
    }

    /**
     * Has an interface receive all multicast groups for as long as the descriptor returned is open; the kernel
     * counts such requests, so nothing is left switched on.
     */
    public static Fd receiveAllMulticast(final int interfaceIndex) {
        final int number = SocketLibrary.packetSocket();
        SocketLibrary.check("socket(AF_PACKET)", number);
        final Fd fd = Fd.adopt(number);
        try (Arena arena = Arena.ofConfined()) {
            // struct packet_mreq: int ifindex, u16 type, u16 alen, u8 address[8]
            final MemorySegment request = arena.allocate(16, 4);
            request.set(JAVA_INT, 0, interfaceIndex);
            request.set(JAVA_SHORT, 4, (short) PACKET_MR_ALLMULTI);
            SocketLibrary.check(
                    "setsockopt(PACKET_ADD_MEMBERSHIP)",
                    SocketLibrary.setsockopt(number, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request));
            return fd;
        } catch (final RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
