package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SeqPacketSocketTest {
    private final SeqPacketSocket[] pair = SeqPacketSocket.pair();
    private final SeqPacketSocket one = pair[0];
    private final SeqPacketSocket two = pair[1];
    private final SeqPacketMessage message = new SeqPacketMessage();

    @AfterEach
    void close() {
        message.close();
        one.close();
        two.close();
    }

    @Test
    void shouldKeepMessageBoundaries() {
        assertEquals(5, one.send(text("first")));
        assertEquals(6, one.send(text("second")));
        assertEquals(5, two.receive(message));
        assertEquals("first", received());
        assertEquals(6, two.receive(message));
        assertEquals("second", received());
        assertEquals(SeqPacketSocket.WOULD_BLOCK, two.receive(message));
        assertEquals(0, message.length());
    }

    @Test
    void shouldDeliverWhatWasSentBeforeAnEndThatReadNothing() {
        one.send(text("never read"));
        two.send(text("go away"));
        two.close();
        assertEquals(7, one.receive(message));
        assertEquals("go away", received());
        assertEquals(SeqPacketSocket.HANG_UP, one.receive(message));
        assertEquals(SeqPacketSocket.HANG_UP, one.send(text("more")));
    }

    @Test
    void shouldPassDescriptorsBothWays() {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE);
                EventFd doorbell = EventFd.create()) {
            memFd.allocate(4096);
            try (Mapping mapping = Mapping.map(memFd.fd(), 0, 4096, Mapping.Access.READ_WRITE)) {
                mapping.segment().set(JAVA_LONG, 8, 4711);
            }
            one.send(text("memory"), memFd.fd());
            assertEquals(6, two.receive(message));
            assertEquals(1, message.descriptorCount());
            try (MemFd received = MemFd.adopt(message.takeDescriptor(0));
                    Mapping mapping = Mapping.map(received.fd(), 0, 4096, Mapping.Access.READ_ONLY)) {
                assertEquals(4711, mapping.segment().get(JAVA_LONG, 8));
                assertEquals(1, FileCalls.fcntl(received.fd().number(), FcntlH.F_GETFD, 0), "FD_CLOEXEC");
            }
            two.send(text("doorbell"), doorbell.fd());
            assertEquals(8, one.receive(message));
            try (EventFd received = EventFd.adopt(message.takeDescriptor(0))) {
                received.signal();
            }
            assertTrue(doorbell.drain());
        }
    }

    @Test
    void shouldCarryEightDescriptorsAndRefuseTwenty() {
        Fd[] twenty = new Fd[20];
        for (int i = 0; i < twenty.length; i++) {
            twenty[i] = EventFd.create().fd();
        }
        Fd[] eight = new Fd[8];
        System.arraycopy(twenty, 0, eight, 0, 8);
        SortedMap<Integer, String> before = descriptors();

        one.send(text("eight"), eight);
        assertEquals(5, two.receive(message));
        assertEquals(8, message.descriptorCount());
        assertEquals(before.size() + 8, ProcessInfo.openDescriptors().size());
        message.close();
        assertEquals(before, descriptors());

        assertThrows(IllegalArgumentException.class, () -> one.send(text("twenty"), twenty));
        sendRaw(one, 6, twenty);
        assertEquals(SeqPacketSocket.REFUSED, two.receive(message));
        assertEquals(0, message.length());
        assertEquals(0, message.descriptorCount());
        assertEquals(before, descriptors(), "descriptors of a refused message must be closed");

        one.send(text("goes on"));
        assertEquals(7, two.receive(message));
        for (Fd fd : twenty) {
            fd.close();
        }
    }

    @Test
    void shouldRefuseAsManyAsTheKernelCarries() {
        SortedMap<Integer, String> before = descriptors();
        try (EventFd eventFd = EventFd.create()) {
            Fd[] most = new Fd[253];
            Arrays.fill(most, eventFd.fd());
            sendRaw(one, 1, most);
        }
        assertEquals(SeqPacketSocket.REFUSED, two.receive(message));
        assertEquals(before, descriptors());
    }

    @Test
    void shouldRefuseAMessageWhoseDescriptorsFindNoRoomInThisProcess() {
        SortedMap<Integer, String> before = descriptors();
        Rlimit limit = Rlimit.get(Rlimit.Resource.NOFILE);
        try (EventFd eventFd = EventFd.create()) {
            sendRaw(one, 1, eventFd.fd(), eventFd.fd(), eventFd.fd());
        }
        new Rlimit(before.lastKey() + 2, limit.hard()).set(Rlimit.Resource.NOFILE);
        try {
            assertEquals(SeqPacketSocket.REFUSED, two.receive(message));
        } finally {
            limit.set(Rlimit.Resource.NOFILE);
        }
        assertEquals(before, descriptors());
    }

    @Test
    void shouldRefuseAMessageThatIsTooLongWithItsDescriptors() {
        SortedMap<Integer, String> before = descriptors();
        try (EventFd eventFd = EventFd.create()) {
            sendRaw(one, SeqPacketMessage.MAX_BYTES + 1, eventFd.fd());
        }
        assertEquals(SeqPacketSocket.REFUSED, two.receive(message));
        assertEquals(0, message.descriptorCount());
        assertEquals(before, descriptors());
    }

    @Test
    void shouldCarryTheLongestMessage() {
        byte[] bytes = new byte[SeqPacketMessage.MAX_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        assertEquals(bytes.length, one.send(MemorySegment.ofArray(bytes)));
        assertEquals(bytes.length, two.receive(message));
        assertArrayEquals(bytes, message.payload().toArray(JAVA_BYTE));
    }

    @Test
    void shouldSayWouldBlockWhenTheQueueIsFullAndGoOnAfterwards() {
        int sent = 0;
        while (one.send(text("x".repeat(1000))) != SeqPacketSocket.WOULD_BLOCK) {
            sent++;
            assertTrue(sent < 1_000_000, "the queue has no end");
        }
        assertTrue(sent > 0);
        assertFalse(one.awaitWritable(0));
        for (int i = 0; i < sent; i++) {
            assertEquals(1000, two.receive(message));
        }
        assertEquals(SeqPacketSocket.WOULD_BLOCK, two.receive(message));
        assertTrue(one.awaitWritable(0));
    }

    @Test
    void shouldSeeTheHangUpAfterTheLastMessage() {
        one.send(text("last words"));
        one.close();
        assertTrue(two.awaitReadable(0));
        assertEquals(10, two.receive(message));
        assertEquals(SeqPacketSocket.HANG_UP, two.receive(message));
        assertEquals(SeqPacketSocket.HANG_UP, two.send(text("anybody?")));
    }

    @Test
    void shouldSeeAResetOfUnreadMessagesAsHangUp() {
        two.send(text("never read"));
        one.close();
        assertEquals(SeqPacketSocket.HANG_UP, two.receive(message));
    }

    @Test
    void shouldTreatAnEmptyMessageAsHangUpAndCloseItsDescriptors() {
        SortedMap<Integer, String> before = descriptors();
        try (EventFd eventFd = EventFd.create()) {
            sendRaw(one, 0, eventFd.fd());
        }
        assertEquals(SeqPacketSocket.HANG_UP, two.receive(message));
        assertEquals(before, descriptors());
    }

    @Test
    void shouldHandEachDescriptorOverOnce() {
        try (EventFd eventFd = EventFd.create()) {
            one.send(text("x"), eventFd.fd());
        }
        two.receive(message);
        assertThrows(IndexOutOfBoundsException.class, () -> message.takeDescriptor(1));
        assertThrows(IndexOutOfBoundsException.class, () -> message.takeDescriptor(-1));
        message.takeDescriptor(0).close();
        assertThrows(IllegalStateException.class, () -> message.takeDescriptor(0));
    }

    @Test
    void shouldKnowItsPeer() {
        PeerCredentials peer = one.peerCredentials();
        assertEquals(ProcessHandle.current().pid(), peer.pid());
        assertEquals(Credentials.effectiveUid(), peer.uid());
        assertEquals(Credentials.effectiveGid(), peer.gid());
        assertTrue(peer.isInGroup(Credentials.effectiveGid()));
        assertFalse(peer.isInGroup(2_000_000_000));
    }

    @Test
    void shouldRefuseWrongArgumentsInJava() {
        assertThrows(IllegalArgumentException.class, () -> one.send(MemorySegment.ofArray(new byte[0])));
        byte[] tooLong = new byte[SeqPacketMessage.MAX_BYTES + 1];
        assertThrows(IllegalArgumentException.class, () -> one.send(MemorySegment.ofArray(tooLong)));
        Fd closed = EventFd.create().fd();
        closed.close();
        assertThrows(IllegalStateException.class, () -> one.send(text("x"), closed));
        one.close();
        assertThrows(IllegalStateException.class, () -> one.send(text("x")));
        assertThrows(IllegalStateException.class, () -> one.receive(message));
        assertThrows(IllegalStateException.class, one::peerCredentials);
    }

    /** Open descriptors once the closer has closed what it was given so far: it works one by one, in order. */
    private static SortedMap<Integer, String> descriptors() {
        Fd last = EventFd.create().fd();
        int number = last.number();
        last.closeAside();
        while (ProcessInfo.openDescriptors().containsKey(number)) {
            Thread.onSpinWait();
        }
        return ProcessInfo.openDescriptors();
    }

    private String received() {
        return new String(message.payload().toArray(JAVA_BYTE), UTF_8);
    }

    private static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(UTF_8));
    }

    /** What {@link SeqPacketSocket#send} refuses: a hostile peer's sendmsg. */
    private static void sendRaw(SeqPacketSocket socket, int length, Fd... descriptors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment iovec = arena.allocate(IovecDescriptor.LAYOUT);
            iovec.set(Native.PTR, IovecDescriptor.BASE_OFFSET, arena.allocate(length + 1L));
            iovec.set(JAVA_LONG, IovecDescriptor.LEN_OFFSET, length);
            long dataBytes = (long) descriptors.length * Integer.BYTES;
            MemorySegment control = arena.allocate(CmsghdrDescriptor.space(dataBytes), Long.BYTES);
            control.set(JAVA_LONG, CmsghdrDescriptor.LEN_OFFSET, CmsghdrDescriptor.DATA_OFFSET + dataBytes);
            control.set(JAVA_INT, CmsghdrDescriptor.LEVEL_OFFSET, SocketH.SOL_SOCKET);
            control.set(JAVA_INT, CmsghdrDescriptor.TYPE_OFFSET, SocketH.SCM_RIGHTS);
            for (int i = 0; i < descriptors.length; i++) {
                control.set(
                        JAVA_INT, CmsghdrDescriptor.DATA_OFFSET + (long) i * Integer.BYTES, descriptors[i].number());
            }
            MemorySegment msghdr = arena.allocate(MsghdrDescriptor.LAYOUT);
            msghdr.set(Native.PTR, MsghdrDescriptor.IOV_OFFSET, iovec);
            msghdr.set(JAVA_LONG, MsghdrDescriptor.IOVLEN_OFFSET, 1);
            msghdr.set(Native.PTR, MsghdrDescriptor.CONTROL_OFFSET, control);
            msghdr.set(JAVA_LONG, MsghdrDescriptor.CONTROLLEN_OFFSET, control.byteSize());
            assertEquals(length, SocketCalls.sendmsg(socket.fd().number(), msghdr, SocketH.MSG_NOSIGNAL));
        }
    }
}
