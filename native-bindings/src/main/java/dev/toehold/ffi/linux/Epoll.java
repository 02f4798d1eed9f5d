package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An epoll instance (epoll(7), close-on-exec). Any thread may change the set; one thread at a time waits and reads the
 * result. A wait allocates nothing. {@link #close} does not wake a waiter: register an {@link EventFd} for that.
 */
public final class Epoll implements AutoCloseable {
    /** Readable; of a sequenced-packet socket also: hung up. */
    public static final int IN = EpollH.EPOLLIN;

    public static final int PRI = EpollH.EPOLLPRI;
    public static final int OUT = EpollH.EPOLLOUT;

    /** Always reported, need not be asked for. */
    public static final int ERR = EpollH.EPOLLERR;

    /** Always reported, need not be asked for. */
    public static final int HUP = EpollH.EPOLLHUP;

    public static final int RDHUP = EpollH.EPOLLRDHUP;
    public static final int ONESHOT = EpollH.EPOLLONESHOT;

    /** Edge-triggered. */
    public static final int ET = EpollH.EPOLLET;

    /** Timeout of {@link #await} that never passes. */
    public static final long FOREVER = -1;

    private static final int MAX_EVENTS = 65536;
    private static final long NS_PER_MS = 1_000_000;

    private final Fd fd;
    private final int maxEvents;
    private final MemorySegment events;
    private final MemorySegment timeout;
    private final MemorySegment callState = Native.newCallState();
    private boolean hasPwait2;
    private int count;

    private Epoll(Fd fd, int maxEvents, boolean hasPwait2) {
        this.fd = fd;
        this.hasPwait2 = hasPwait2;
        this.maxEvents = maxEvents;
        this.events = Arena.ofAuto().allocate(EpollEventDescriptor.SIZE * maxEvents, Long.BYTES);
        this.timeout = Arena.ofAuto().allocate(TimespecDescriptor.LAYOUT);
    }

    /**
     * A new instance.
     *
     * @param maxEvents how many events one wait reports at most, 1 to 65,536; the others come with the next wait
     */
    public static Epoll create(int maxEvents) {
        return create(maxEvents, EventCalls.hasEpollPwait2());
    }

    /** Without epoll_pwait2: as on an old kernel. */
    static Epoll create(int maxEvents, boolean hasPwait2) {
        Check.range("maxEvents", maxEvents, 1, MAX_EVENTS);
        int result = EventCalls.epollCreate1(EpollH.EPOLL_CLOEXEC);
        if (result < 0) {
            throw LinuxException.of("epoll_create1()", result);
        }
        return new Epoll(Fd.opened(result), maxEvents, hasPwait2);
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Adds a descriptor.
     *
     * @param interest any of the constants of this class
     * @param data what {@link #data} will say of its events
     * @throws LinuxException EEXIST if it is in the set, EPERM if its kind cannot be waited for
     */
    public void add(Fd member, int interest, long data) {
        control(EpollH.EPOLL_CTL_ADD, "ADD", member, interest, data);
    }

    /**
     * Adds a descriptor that native code owns, such as a PMD's socket. It must be removed before its owner closes it, or
     * vanish with its last copy.
     */
    public void add(int foreignFd, int interest, long data) {
        control(EpollH.EPOLL_CTL_ADD, "ADD", Check.descriptor(foreignFd), interest, data);
    }

    public void modify(Fd member, int interest, long data) {
        control(EpollH.EPOLL_CTL_MOD, "MOD", member, interest, data);
    }

    public void modify(int foreignFd, int interest, long data) {
        control(EpollH.EPOLL_CTL_MOD, "MOD", Check.descriptor(foreignFd), interest, data);
    }

    /** Removes a descriptor: before it is closed, because a copy elsewhere would keep it in the set. */
    public void remove(Fd member) {
        control(EpollH.EPOLL_CTL_DEL, "DEL", member, 0, 0);
    }

    public void remove(int foreignFd) {
        control(EpollH.EPOLL_CTL_DEL, "DEL", Check.descriptor(foreignFd), 0, 0);
    }

    /**
     * Waits for events.
     *
     * @param timeoutNs longest wait; 0 only looks; {@link #FOREVER}. Before Linux 5.11 rounded up to milliseconds
     * @return how many events there are, 0 after the timeout or for no reason at all (a signal)
     */
    public int await(long timeoutNs) {
        if (timeoutNs < FOREVER) {
            throw new IllegalArgumentException("timeoutNs=" + timeoutNs + ": allowed is 0 or more, or FOREVER (-1)");
        }
        count = 0;
        int epoll = fd.acquire();
        try {
            int result = hasPwait2 ? pwait2(epoll, timeoutNs) : wait(epoll, timeoutNs);
            if (Errno.ENOSYS.is(result) && hasPwait2) {
                hasPwait2 = false;
                result = wait(epoll, timeoutNs);
            }
            if (result < 0 && !Errno.EINTR.is(result)) {
                throw LinuxException.of("epoll_wait(fd=" + epoll + ")", result);
            }
            count = Math.max(result, 0);
            return count;
        } finally {
            fd.release();
        }
    }

    /** What happened to event {@code index} of the last wait. */
    public int events(int index) {
        return events.get(JAVA_INT, offset(index) + EpollEventDescriptor.EVENTS_OFFSET);
    }

    /** The data that the descriptor of event {@code index} of the last wait was added with. */
    public long data(int index) {
        return events.get(JAVA_LONG_UNALIGNED, offset(index) + EpollEventDescriptor.DATA_OFFSET);
    }

    @Override
    public void close() {
        fd.close();
    }

    private long offset(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("index=" + index + ": the last wait gave count=" + count);
        }
        return index * EpollEventDescriptor.SIZE;
    }

    private int pwait2(int epoll, long timeoutNs) {
        if (timeoutNs == FOREVER) {
            return EventCalls.epollPwait2(callState, epoll, events, maxEvents, MemorySegment.NULL);
        }
        TimespecDescriptor.set(timeout, timeoutNs);
        return EventCalls.epollPwait2(callState, epoll, events, maxEvents, timeout);
    }

    private int wait(int epoll, long timeoutNs) {
        long timeoutMs = timeoutNs == FOREVER ? -1 : timeoutNs / NS_PER_MS + (timeoutNs % NS_PER_MS == 0 ? 0 : 1);
        return EventCalls.epollWait(callState, epoll, events, maxEvents, (int) Math.min(timeoutMs, Integer.MAX_VALUE));
    }

    private void control(int operation, String name, Fd member, int interest, long data) {
        int number = member.acquire();
        try {
            control(operation, name, number, interest, data);
        } finally {
            member.release();
        }
    }

    private void control(int operation, String name, int member, int interest, long data) {
        int epoll = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EpollEventDescriptor.SIZE, Long.BYTES);
            event.set(JAVA_INT, EpollEventDescriptor.EVENTS_OFFSET, interest);
            event.set(JAVA_LONG_UNALIGNED, EpollEventDescriptor.DATA_OFFSET, data);
            int result = EventCalls.epollCtl(epoll, operation, member, event);
            if (result < 0) {
                throw LinuxException.of("epoll_ctl(" + name + ", fd=" + member + ")", result);
            }
        } finally {
            fd.release();
        }
    }
}
