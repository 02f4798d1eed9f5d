package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FdTest {
    @Test
    void shouldCloseOnceAndRefuseAfterwards() {
        Fd fd = EventFd.create().fd();
        int number = fd.number();
        fd.close();
        fd.close();
        assertFalse(fd.isOpen());
        assertThrows(IllegalStateException.class, fd::number);
        assertThrows(IllegalStateException.class, fd::acquire);
        assertThrows(IllegalStateException.class, fd::duplicate);
        assertFalse(ProcessInfo.openDescriptors().containsKey(number));
    }

    @Test
    void shouldStayOpenUntilTheLastCallHasReturned() {
        Fd fd = EventFd.create().fd();
        int number = fd.acquire();
        fd.acquire();
        fd.close();
        assertTrue(ProcessInfo.openDescriptors().containsKey(number));
        fd.release();
        assertTrue(ProcessInfo.openDescriptors().containsKey(number));
        fd.release();
        assertFalse(ProcessInfo.openDescriptors().containsKey(number));
    }

    @Test
    void shouldAdoptOnlyWhatIsOpen() {
        assertThrows(IllegalArgumentException.class, () -> Fd.adopt(-1));
        LinuxException refused = assertThrows(LinuxException.class, () -> Fd.adopt(1_000_000));
        assertTrue(refused.is(Errno.EBADF));
        assertEquals("fcntl(fd=1000000, F_GETFD): EBADF (9), bad file descriptor", refused.getMessage());
        try (EventFd eventFd = EventFd.create();
                Fd copy = eventFd.fd().duplicate()) {
            assertEquals(copy.number(), Fd.adopt(copy.number()).number());
        }
    }

    @Test
    void shouldSayWhoClosedBehindItsBack() {
        Fd fd = EventFd.create().fd();
        Fd thief = Fd.adopt(fd.number());
        thief.close();
        assertTrue(assertThrows(LinuxException.class, fd::close).is(Errno.EBADF));
    }
}
