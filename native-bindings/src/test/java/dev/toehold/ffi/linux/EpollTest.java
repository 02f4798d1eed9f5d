package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpollTest {
    @Test
    void shouldReportWhatIsReadyWithItsData() {
        try (Epoll epoll = Epoll.create(8);
                EventFd one = EventFd.create();
                EventFd two = EventFd.create()) {
            epoll.add(one.fd(), Epoll.IN, Long.MIN_VALUE + 1);
            epoll.add(two.fd(), Epoll.IN, -2);
            assertEquals(0, epoll.await(0));

            two.signal();
            assertEquals(1, epoll.await(Epoll.FOREVER));
            assertEquals(-2, epoll.data(0));
            assertEquals(Epoll.IN, epoll.events(0));

            one.signal();
            assertEquals(2, epoll.await(0));
            assertEquals(Set.of(Long.MIN_VALUE + 1, -2L), Set.of(epoll.data(0), epoll.data(1)));

            assertTrue(one.drain());
            assertTrue(two.drain());
            assertFalse(one.drain());
            assertEquals(0, epoll.await(0));
            assertThrows(IndexOutOfBoundsException.class, () -> epoll.data(0));
        }
    }

    @Test
    void shouldWakeAWaitingThread() throws InterruptedException {
        try (Epoll epoll = Epoll.create(1);
                EventFd doorbell = EventFd.create()) {
            epoll.add(doorbell.fd(), Epoll.IN, 7);
            Set<Long> seen = new HashSet<>();
            Thread waiter = Thread.ofPlatform().start(() -> {
                while (seen.isEmpty()) {
                    if (epoll.await(Epoll.FOREVER) == 1) {
                        seen.add(epoll.data(0));
                    }
                }
            });
            doorbell.signal();
            waiter.join();
            assertEquals(Set.of(7L), seen);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldReturnAfterTheTimeoutAndNotBefore(boolean hasPwait2) {
        try (Epoll epoll = Epoll.create(1, hasPwait2);
                EventFd doorbell = EventFd.create()) {
            epoll.add(doorbell.fd(), Epoll.IN, 0);
            for (long timeoutNs : new long[] {1, 50_000, 2_000_001}) {
                long start = System.nanoTime();
                int rounds = 0;
                while (System.nanoTime() - start < timeoutNs) {
                    long left = timeoutNs - (System.nanoTime() - start);
                    assertEquals(0, epoll.await(Math.max(0, left)));
                    rounds++;
                }
                // An early return would be legal (a signal), a storm of them would be a timeout that is cut down to 0.
                assertTrue(rounds < 100, "rounds=" + rounds + " for timeoutNs=" + timeoutNs);
            }
            doorbell.signal();
            assertEquals(1, epoll.await(Long.MAX_VALUE));
            assertEquals(1, epoll.await(Epoll.FOREVER));
        }
    }

    @Test
    void shouldModifyAndRemove() {
        try (Epoll epoll = Epoll.create(4);
                EventFd doorbell = EventFd.create()) {
            epoll.add(doorbell.fd(), Epoll.OUT, 1);
            assertEquals(1, epoll.await(0));
            assertEquals(Epoll.OUT, epoll.events(0));
            epoll.modify(doorbell.fd(), Epoll.IN, 2);
            assertEquals(0, epoll.await(0));
            doorbell.signal();
            assertEquals(1, epoll.await(0));
            assertEquals(2, epoll.data(0));
            epoll.remove(doorbell.fd());
            assertEquals(0, epoll.await(0));
            assertTrue(assertThrows(LinuxException.class, () -> epoll.remove(doorbell.fd()))
                    .is(Errno.ENOENT));
            epoll.add(doorbell.fd().number(), Epoll.IN, 3);
            assertTrue(assertThrows(LinuxException.class, () -> epoll.add(doorbell.fd(), Epoll.IN, 3))
                    .is(Errno.EEXIST));
            assertEquals(1, epoll.await(0));
            assertEquals(3, epoll.data(0));
        }
    }

    @Test
    void shouldReportAHangUpOfASequencedPacketSocket() {
        SeqPacketSocket[] pair = SeqPacketSocket.pair();
        try (Epoll epoll = Epoll.create(4);
                SeqPacketSocket one = pair[0]) {
            epoll.add(one.fd(), Epoll.IN | Epoll.RDHUP, 1);
            assertEquals(0, epoll.await(0));
            pair[1].close();
            assertEquals(1, epoll.await(0));
            assertEquals(Epoll.IN | Epoll.RDHUP | Epoll.HUP, epoll.events(0));
        }
    }

    @Test
    void shouldGiveTheRestWithTheNextWait() {
        EventFd[] doorbells = new EventFd[10];
        try (Epoll epoll = Epoll.create(4)) {
            for (int i = 0; i < doorbells.length; i++) {
                doorbells[i] = EventFd.create();
                doorbells[i].signal();
                epoll.add(doorbells[i].fd(), Epoll.IN, i);
            }
            Set<Long> seen = new HashSet<>();
            for (int round = 0; round < 3; round++) {
                int count = epoll.await(0);
                assertTrue(count <= 4);
                for (int i = 0; i < count; i++) {
                    seen.add(epoll.data(i));
                    doorbells[(int) epoll.data(i)].drain();
                }
            }
            assertEquals(10, seen.size());
        } finally {
            for (EventFd doorbell : doorbells) {
                doorbell.close();
            }
        }
    }

    @Test
    void shouldRefuseWrongArgumentsInJava() {
        assertThrows(IllegalArgumentException.class, () -> Epoll.create(0));
        assertThrows(IllegalArgumentException.class, () -> Epoll.create(65537));
        Epoll epoll = Epoll.create(1);
        assertThrows(IllegalArgumentException.class, () -> epoll.await(-2));
        assertThrows(IllegalArgumentException.class, () -> epoll.add(-1, Epoll.IN, 0));
        EventFd doorbell = EventFd.create();
        doorbell.close();
        assertThrows(IllegalStateException.class, () -> epoll.add(doorbell.fd(), Epoll.IN, 0));
        assertThrows(IllegalStateException.class, doorbell::signal);
        assertThrows(IllegalStateException.class, doorbell::drain);
        epoll.close();
        assertThrows(IllegalStateException.class, () -> epoll.await(0));
    }
}
