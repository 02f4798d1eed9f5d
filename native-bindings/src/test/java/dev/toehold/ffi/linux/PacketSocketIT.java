package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a veth in a namespace of its own. Needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW. */
class PacketSocketIT {
    private static final int BATCH = 16;
    private static final int ROOM = 2048;
    private static final int LARGE_BUFFER = 4 << 20;
    private static final long PATIENCE_NS = 10_000_000_000L;

    private final NetworkNamespace namespace = NetworkNamespace.create("thp"
            + ProcessHandle.current().pid() + "-" + ThreadLocalRandom.current().nextInt(1 << 30));
    private final MemorySegment memory = Arena.ofAuto().allocate((long) BATCH * ROOM);
    private final FrameBatch received = new FrameBatch(BATCH);
    private final FrameBatch sent = new FrameBatch(BATCH);
    private PacketSocket left;
    private PacketSocket right;

    @BeforeEach
    void create() throws Exception {
        namespace.run(() -> {
            // Nothing but the test's own frames on this wire.
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1");
            try (Netlink netlink = Netlink.open()) {
                netlink.createVeth("left", "right", null);
                netlink.setUp(netlink.link("left").orElseThrow().index(), true);
                netlink.setUp(netlink.link("right").orElseThrow().index(), true);
            }
            left = open("left", LARGE_BUFFER);
            right = open("right", LARGE_BUFFER);
            return null;
        });
        for (int i = 0; i < BATCH; i++) {
            received.set(i, memory, (long) i * ROOM, ROOM);
        }
    }

    private static PacketSocket open(String name, int bufferBytes) {
        try (Netlink netlink = Netlink.open()) {
            return PacketSocket.open(netlink.link(name).orElseThrow().index(), bufferBytes);
        }
    }

    @AfterEach
    void delete() {
        left.close();
        right.close();
        namespace.delete();
    }

    /** A frame for an address that is nobody's, numbered. */
    private static MemorySegment frame(int number, int length) {
        MemorySegment frame = Arena.ofAuto().allocate(length);
        frame.asSlice(0, 12).fill((byte) 0x02);
        frame.set(JAVA_SHORT_UNALIGNED, 12, Short.reverseBytes((short) 0x88b5)); // local experimental
        frame.set(JAVA_BYTE, 14, (byte) number);
        return frame;
    }

    private int awaitFrames(PacketSocket socket, int count) {
        long startNs = System.nanoTime();
        int result = 0;
        while (result == 0 && System.nanoTime() - startNs < PATIENCE_NS) {
            result = socket.receive(received, count);
            Thread.onSpinWait();
        }
        return result;
    }

    @Test
    void shouldPassFramesInOrderWithTheirLengths() {
        int count = 5;
        for (int i = 0; i < count; i++) {
            MemorySegment frame = frame(i, 60 + i);
            sent.set(i, frame, 0, (int) frame.byteSize());
        }
        assertEquals(2, left.send(sent, 0, 2));
        assertEquals(count - 2, left.send(sent, 2, count - 2));
        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < count) {
            int got = awaitFrames(right, BATCH);
            assertTrue(got > 0, "only " + numbers);
            for (int i = 0; i < got; i++) {
                int number = memory.get(JAVA_BYTE, (long) i * ROOM + 14);
                assertEquals(60 + number, received.length(i));
                numbers.add(number);
            }
        }
        assertEquals(List.of(0, 1, 2, 3, 4), numbers);
        assertEquals(0, left.receive(received, BATCH), "what goes out does not come in");
        assertEquals(0, right.receive(received, BATCH));
    }

    @Test
    void shouldTellTheWholeLengthOfAFrameThatWasCutOff() {
        MemorySegment frame = frame(1, 1000);
        sent.set(0, frame, 0, 1000);
        received.set(0, memory, 0, 100);
        assertEquals(1, left.send(sent, 0, 1));
        assertEquals(1, awaitFrames(right, 1));
        assertEquals(1000, received.length(0));
    }

    @Test
    void shouldCountWhatFoundNoRoom() throws Exception {
        try (PacketSocket small = namespace.run(() -> open("right", 8192))) {
            int count = 200;
            MemorySegment frame = frame(1, 1000);
            sent.set(0, frame, 0, 1000);
            for (int i = 0; i < count; i++) {
                assertEquals(1, left.send(sent, 0, 1));
            }
            int got = 0;
            for (int more = awaitFrames(small, BATCH); more > 0; more = small.receive(received, BATCH)) {
                got += more;
            }
            assertEquals(count, got + small.takeDropCount());
            assertTrue(got < count, "all found room");
            assertEquals(0, small.takeDropCount(), "taken twice");
        }
    }

    @Test
    void shouldRefuseWrongArguments() {
        MemorySegment frame = frame(1, 100);
        assertThrows(IllegalArgumentException.class, () -> sent.set(BATCH, frame, 0, 100));
        assertThrows(IllegalArgumentException.class, () -> sent.set(0, frame, 1, 100));
        assertThrows(IllegalArgumentException.class, () -> sent.set(0, MemorySegment.ofArray(new byte[100]), 0, 100));
        sent.set(0, frame, 0, 100);
        assertThrows(IllegalArgumentException.class, () -> left.send(sent, 0, 2), "entry 1 was never set");
        assertThrows(IllegalArgumentException.class, () -> left.send(sent, 0, BATCH + 1));
        assertThrows(LinuxException.class, () -> PacketSocket.open(Integer.MAX_VALUE, LARGE_BUFFER));
        left.close();
        assertThrows(IllegalStateException.class, () -> left.send(sent, 0, 1));
    }
}
