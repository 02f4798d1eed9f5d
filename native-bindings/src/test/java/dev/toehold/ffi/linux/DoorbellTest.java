package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The two kinds of doorbells, and what a hostile holder of the other end can do to them. */
class DoorbellTest {
    @Test
    void shouldDrainSignalsOnce() {
        try (EventFd doorbell = EventFd.create()) {
            assertFalse(doorbell.drain());
            doorbell.signal();
            doorbell.signal();
            assertTrue(doorbell.drain());
            assertFalse(doorbell.drain());
            assertFalse(doorbell.drainPlain(doorbell.fd().number()));
            doorbell.signal();
            assertTrue(doorbell.drainPlain(doorbell.fd().number()));
        }
    }

    @Test
    void shouldNotBlockInDrainWhenAnotherHolderMadeTheEventFdBlocking() {
        try (EventFd doorbell = EventFd.create();
                Fd hostile = doorbell.fd().duplicate()) {
            makeBlocking(hostile);
            assertFalse(doorbell.drain());
            doorbell.signal();
            assertTrue(doorbell.drain());
            assertFalse(doorbell.drain());
        }
    }

    @Test
    void shouldAdoptOnlyAnEventFd() {
        try (EventFd doorbell = EventFd.create();
                EventFd adopted = EventFd.adopt(doorbell.fd().duplicate())) {
            adopted.signal();
            assertTrue(doorbell.drain());
        }
        // Names that try to look like one.
        try (MemFd memFd = MemFd.create("anon_inode:[eventfd]", HugePages.NONE);
                Epoll epoll = Epoll.create(1)) {
            assertThrows(IllegalArgumentException.class, () -> EventFd.adopt(memFd.fd()));
            assertThrows(IllegalArgumentException.class, () -> EventFd.adopt(epoll.fd()));
            assertTrue(memFd.fd().isOpen());
        }
    }

    @Test
    void shouldWakeEachOther() {
        WakeSocket[] pair = WakeSocket.pair();
        try (WakeSocket one = pair[0];
                WakeSocket two = WakeSocket.adopt(pair[1].fd().duplicate());
                Epoll epoll = Epoll.create(2)) {
            pair[1].close();
            epoll.add(one.fd(), Epoll.IN, 1);
            epoll.add(two.fd(), Epoll.IN, 2);
            assertEquals(0, epoll.await(0));
            one.signal();
            assertEquals(1, epoll.await(Epoll.FOREVER));
            assertEquals(2, epoll.data(0));
            assertTrue(two.drain());
            assertFalse(two.drain());
            two.signal();
            assertEquals(1, epoll.await(Epoll.FOREVER));
            assertEquals(1, epoll.data(0));
            assertTrue(one.drain());
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void shouldNeitherBlockNorLoseTheWakeUpWhenThePeerDoesNotDrain() {
        WakeSocket[] pair = WakeSocket.pair();
        try (WakeSocket one = pair[0];
                WakeSocket two = pair[1]) {
            makeBlocking(two.fd());
            makeBlocking(one.fd());
            for (int i = 0; i < 100_000; i++) {
                one.signal();
            }
            assertTrue(two.drain());
            assertFalse(two.drain());
            one.signal();
            assertTrue(two.drain());
        }
    }

    @Test
    void shouldIgnoreAPeerThatIsGone() {
        WakeSocket[] pair = WakeSocket.pair();
        pair[1].close();
        pair[0].signal();
        assertFalse(pair[0].drain());
        pair[0].close();
        assertThrows(IllegalStateException.class, () -> pair[0].signal());
        assertThrows(IllegalStateException.class, () -> pair[0].drain());
    }

    private static void makeBlocking(Fd fd) {
        assertEquals(0, FileCalls.fcntl(fd.number(), FcntlH.F_SETFL, FcntlH.O_RDWR));
    }
}
