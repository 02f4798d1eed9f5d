package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a namespace of its own. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
class TapDeviceIT {
    private static final int ROOM = 70_000;
    private static final int IPV4_AT = VirtioNetHeader.BYTES + 14;
    private static final long PATIENCE_NS = 10_000_000_000L;

    private final NetworkNamespace namespace = NetworkNamespace.create("tht"
            + ProcessHandle.current().pid() + "-" + ThreadLocalRandom.current().nextInt(1 << 30));
    private final MemorySegment memory = Arena.ofAuto().allocate(ROOM);
    private TapDevice tap;

    @BeforeEach
    void create() throws Exception {
        namespace.run(() -> {
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1");
            tap = TapDevice.open("tap-a");
            try (Netlink netlink = Netlink.open()) {
                int index = netlink.link("tap-a").orElseThrow().index();
                netlink.addAddress(index, IpPrefix.parse("10.98.0.1/24"), false);
                netlink.setMacAddress(index, MacAddress.parse("02:00:00:00:00:01"));
                netlink.setUp(index, true);
            }
            return null;
        });
    }

    @AfterEach
    void delete() {
        tap.close();
        namespace.delete();
    }

    private int awaitFrame() {
        long startNs = System.nanoTime();
        int length = 0;
        while (length == 0 && System.nanoTime() - startNs < PATIENCE_NS) {
            length = tap.read(memory, 0, ROOM);
        }
        return length;
    }

    /** Answers the kernel's ARP request for 10.98.0.2, and goes on until its UDP datagram comes. */
    private int awaitUdp() {
        for (int i = 0; i < 10; i++) {
            int length = awaitFrame();
            if (length > IPV4_AT && memory.get(JAVA_BYTE, IPV4_AT) == 0x45) {
                return length;
            }
            MemorySegment request = memory.asSlice(VirtioNetHeader.BYTES, 42);
            MemorySegment reply = Arena.ofAuto().allocate(VirtioNetHeader.BYTES + 42);
            VirtioNetHeader.write(reply, 0, 0, 0, 0);
            MemorySegment frame = reply.asSlice(VirtioNetHeader.BYTES);
            byte[] mac = {2, 0, 0, 0, 0, 2};
            MemorySegment.copy(request, 6, frame, 0, 6);
            MemorySegment.copy(mac, 0, frame, JAVA_BYTE, 6, 6);
            MemorySegment.copy(request, 12, frame, 12, 8);
            frame.set(JAVA_BYTE, 21, (byte) 2);
            MemorySegment.copy(mac, 0, frame, JAVA_BYTE, 22, 6);
            MemorySegment.copy(request, 38, frame, 28, 4);
            MemorySegment.copy(request, 22, frame, 32, 10);
            assertTrue(tap.write(reply, 0, (int) reply.byteSize()));
        }
        throw new AssertionError("no datagram came");
    }

    private DatagramChannel sender() throws Exception {
        DatagramChannel channel = namespace.run(DatagramChannel::open);
        channel.bind(new InetSocketAddress("10.98.0.1", 0));
        return channel;
    }

    @Test
    void shouldLeaveChecksumsToTheReaderOnlyIfAsked() throws Exception {
        try (DatagramChannel channel = sender()) {
            InetSocketAddress to = new InetSocketAddress(InetAddress.getByName("10.98.0.2"), 9);
            channel.send(ByteBuffer.wrap(new byte[100]), to);
            assertEquals(IPV4_AT + 20 + 8 + 100, awaitUdp());
            assertEquals(0, VirtioNetHeader.flags(memory, 0), "the sum was left undone");
            tap.setOffloads(true, true);
            channel.send(ByteBuffer.wrap(new byte[100]), to);
            awaitUdp();
            assertEquals(VirtioNetHeader.NEEDS_CHECKSUM, VirtioNetHeader.flags(memory, 0));
            assertEquals(14 + 20, VirtioNetHeader.checksumStart(memory, 0));
            assertEquals(6, VirtioNetHeader.checksumOffset(memory, 0));
            assertEquals(VirtioNetHeader.SEGMENTATION_NONE, VirtioNetHeader.segmentation(memory, 0));
        }
    }

    @Test
    void shouldHaveTheKernelFinishAPartialChecksum() throws Exception {
        try (DatagramChannel channel = sender()) {
            channel.send(ByteBuffer.wrap(new byte[8]), new InetSocketAddress("10.98.0.2", 9));
            int length = awaitUdp();
            int udp = IPV4_AT + 20;
            // Back to the sender: addresses and ports change places, which changes no sum.
            swap(VirtioNetHeader.BYTES, VirtioNetHeader.BYTES + 6, 6);
            swap(IPV4_AT + 12, IPV4_AT + 16, 4);
            swap(udp, udp + 2, 2);
            memory.set(JAVA_BYTE, udp + 6, (byte) 1); // wrong
            VirtioNetHeader.write(memory, 0, 0, 0, 0);
            assertTrue(tap.write(memory, 0, length));
            VirtioNetHeader.write(memory, 0, VirtioNetHeader.NEEDS_CHECKSUM, 14 + 20, 6);
            memory.set(JAVA_BYTE, udp + 8, (byte) 77);
            assertTrue(tap.write(memory, 0, length));
            ByteBuffer received = ByteBuffer.allocate(100);
            channel.configureBlocking(false);
            long startNs = System.nanoTime();
            while (channel.receive(received) == null) {
                assertTrue(System.nanoTime() - startNs < PATIENCE_NS, "nothing came");
            }
            assertEquals(77, received.get(0), "the datagram with the wrong sum came");
        }
    }

    private void swap(int a, int b, int length) {
        for (int i = 0; i < length; i++) {
            byte first = memory.get(JAVA_BYTE, a + i);
            memory.set(JAVA_BYTE, a + i, memory.get(JAVA_BYTE, b + i));
            memory.set(JAVA_BYTE, b + i, first);
        }
    }

    @Test
    void shouldOutliveItsProcessIfPersistent() throws Exception {
        tap.setPersistent(true);
        tap.close();
        assertEquals(1, addresses());
        tap = namespace.run(() -> TapDevice.open("tap-a"));
        assertEquals(1, addresses(), "taking it over changed it");
        tap.setPersistent(false);
        tap.close();
        assertEquals(0, addresses());
    }

    private int addresses() throws Exception {
        return namespace.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.addresses().size();
            }
        });
    }

    @Test
    void shouldSayWhyANameCannotBeHad() throws Exception {
        namespace.run(() -> {
            LinuxException busy = assertThrows(LinuxException.class, () -> TapDevice.open("tap-a"));
            assertTrue(busy.is(Errno.EBUSY) && busy.getMessage().contains("another process"), busy.getMessage());
            LinuxException other = assertThrows(LinuxException.class, () -> TapDevice.open("lo"));
            assertTrue(other.is(Errno.EINVAL) && other.getMessage().contains("no such TAP"), other.getMessage());
            return null;
        });
        assertThrows(IllegalArgumentException.class, () -> TapDevice.open("x".repeat(16)));
        assertThrows(IllegalArgumentException.class, () -> TapDevice.open("tap%d"));
        assertThrows(IllegalArgumentException.class, () -> tap.read(memory, ROOM - 10, 11));
        assertThrows(IllegalArgumentException.class, () -> tap.write(memory, 0, VirtioNetHeader.BYTES));
        assertThrows(IllegalArgumentException.class, () -> tap.read(MemorySegment.ofArray(new byte[100]), 0, 100));
        assertThrows(IllegalArgumentException.class, () -> tap.setOffloads(false, true));
        tap.close();
        assertThrows(IllegalStateException.class, () -> tap.read(memory, 0, ROOM));
    }

    @Test
    void shouldBlockAnInterfaceOnceAndLetItGo() throws Exception {
        namespace.run(() -> {
            IngressBlock.install("toehold-x", "tap-a");
            IngressBlock.install("toehold-x", "tap-a");
            IngressBlock.remove("toehold-x");
            IngressBlock.remove("toehold-x");
            assertThrows(IllegalArgumentException.class, () -> IngressBlock.install("x".repeat(40), "tap-a"));
            return null;
        });
        assertFalse(tap.name().isEmpty());
    }
}
