package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A TAP interface (tuntap in the kernel's documentation) and the other end of its wire: what is written here the kernel receives on the
 * interface, what the kernel sends is read here. Each frame has a {@link VirtioNetHeader} in front. Never blocks. One thread reads and one writes at
 * a time; making one needs CAP_NET_ADMIN.
 */
public final class TapDevice implements AutoCloseable {
    private static final String DEVICE = "/dev/net/tun";

    private final Fd fd;
    private final String name;
    private final MemorySegment readState = Native.newCallState();
    private final MemorySegment writeState = Native.newCallState();

    private TapDevice(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /**
     * Attaches to the TAP of that name in the calling thread's network namespace; makes it if there is none.
     *
     * @throws LinuxException EBUSY if another process has it, EINVAL if an interface of that name is no such TAP, EPERM, ENOENT if the
     *     kernel has no TAPs
     */
    public static TapDevice open(String name) {
        Check.interfaceName(name);
        if (name.indexOf('%') >= 0) {
            throw new IllegalArgumentException("interface=" + name + ": the kernel would make up a name from %");
        }
        try (Arena arena = Arena.ofConfined()) {
            int flags = FcntlH.O_RDWR | FcntlH.O_NONBLOCK | FcntlH.O_CLOEXEC;
            int result = FileCalls.open(arena.allocateFrom(DEVICE), flags, 0);
            if (result < 0) {
                throw LinuxException.of("open(path=" + DEVICE + ")", result, "the kernel module tun is needed");
            }
            Fd fd = Fd.opened(result);
            try {
                attach(arena, fd, name);
                setOption(
                        fd,
                        TunH.TUNSETVNETHDRSZ,
                        "TUNSETVNETHDRSZ",
                        arena.allocateFrom(JAVA_INT, VirtioNetHeader.BYTES));
                return new TapDevice(fd, name);
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
        }
    }

    private static void attach(Arena arena, Fd fd, String name) {
        MemorySegment ifreq = arena.allocate(IfreqDescriptor.LAYOUT);
        ifreq.setString(IfreqDescriptor.NAME_OFFSET, name);
        short flags = (short) (TunH.IFF_TAP | TunH.IFF_NO_PI | TunH.IFF_VNET_HDR);
        ifreq.set(JAVA_SHORT, IfreqDescriptor.DATA_OFFSET, flags); // ifr_flags shares the union with ifr_data
        int number = fd.acquire();
        try {
            int result = SocketCalls.ioctl(number, TunH.TUNSETIFF, ifreq);
            if (result < 0) {
                throw LinuxException.of("ioctl(TUNSETIFF, interface=" + name + ")", result, remedy(result));
            }
        } finally {
            fd.release();
        }
    }

    private static String remedy(int result) {
        if (Errno.EPERM.is(result)) {
            return "CAP_NET_ADMIN is needed";
        }
        if (Errno.EBUSY.is(result)) {
            return "another process has this TAP";
        }
        return Errno.EINVAL.is(result) ? "an interface of that name exists and is no such TAP" : "";
    }

    private static void setOption(Fd fd, int request, String requestName, MemorySegment argument) {
        int number = fd.acquire();
        try {
            int result = SocketCalls.ioctl(number, request, argument);
            if (result < 0) {
                throw LinuxException.of("ioctl(fd=" + number + ", " + requestName + ")", result);
            }
        } finally {
            fd.release();
        }
    }

    /** Some of these requests take their argument in the place of the pointer. */
    private void setValue(int request, String requestName, int value) {
        setOption(fd, request, requestName, MemorySegment.ofAddress(value));
    }

    public String name() {
        return name;
    }

    /** Readable while a frame waits. */
    public Fd fd() {
        return fd;
    }

    /** Whether the interface outlives this process, with its addresses and routes, though without a carrier. */
    public void setPersistent(boolean on) {
        setValue(TunH.TUNSETPERSIST, "TUNSETPERSIST", on ? 1 : 0);
    }

    /**
     * Which work the kernel may leave undone in frames that it sends here.
     *
     * @param checksums sums of TCP and UDP
     * @param segmentation cutting up TCP's payload; needs {@code checksums}
     */
    public void setOffloads(boolean checksums, boolean segmentation) {
        if (segmentation && !checksums) {
            throw new IllegalArgumentException("segmentation needs checksums");
        }
        int offloads = (checksums ? TunH.TUN_F_CSUM : 0) | (segmentation ? TunH.TUN_F_TSO4 | TunH.TUN_F_TSO6 : 0);
        setValue(TunH.TUNSETOFFLOAD, "TUNSETOFFLOAD", offloads);
    }

    /**
     * Reads a frame that the kernel sends, with its header.
     *
     * @return bytes read, header included, the frame cut off at {@code length}; 0 if none waits or the interface is down
     */
    public int read(MemorySegment into, long offset, int length) {
        long address = address(into, offset, length);
        int number = fd.acquire();
        try {
            long result = FileCalls.read(readState, number, address, length);
            if (result >= 0) {
                return (int) result;
            }
            if (Errno.EAGAIN.is(result) || Errno.EINTR.is(result) || Errno.EIO.is(result)) {
                return 0;
            }
            throw LinuxException.of("read(fd=" + number + ", interface=" + name + ")", result);
        } finally {
            fd.release();
        }
    }

    /**
     * Has the kernel receive a frame, with its header.
     *
     * @return false if it did not take it: its interface is down, it has no memory, or the header or the frame is malformed
     */
    public boolean write(MemorySegment from, long offset, int length) {
        long address = address(from, offset, length);
        int number = fd.acquire();
        try {
            return FileCalls.write(writeState, number, address, length) == length;
        } finally {
            fd.release();
        }
    }

    private static long address(MemorySegment memory, long offset, int length) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException("memory is on the heap: native memory is needed");
        }
        if (length <= VirtioNetHeader.BYTES || offset < 0 || offset > memory.byteSize() - length) {
            throw new IllegalArgumentException("offset=" + offset + ", length=" + length
                    + ": not a header and a frame in " + memory.byteSize() + " bytes");
        }
        return memory.address() + offset;
    }

    @Override
    public void close() {
        fd.close();
    }
}
