package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Room for one received message and its descriptors. One serves any number of sockets, one thread at a time; each
 * receive replaces what the one before left.
 *
 * <p>Descriptors belong to the message until {@link #takeDescriptor}; the others are closed, aside
 * ({@link Fd#closeAside}), by the next receive or by {@link #close}.
 */
public final class SeqPacketMessage implements AutoCloseable {
    /** Longest message that is sent or received. */
    public static final int MAX_BYTES = 65536;

    /** Most descriptors that one message carries. */
    public static final int MAX_DESCRIPTORS = 8;

    /**
     * SCM_MAX_FD of the kernel. Room for all of them, so that a surplus is closed here, aside: what the kernel had to
     * leave out it would close within recvmsg, where a stranger's file can block.
     */
    private static final int MAX_SENT_DESCRIPTORS = 253;

    private static final long CONTROL_BYTES = CmsghdrDescriptor.space((long) MAX_SENT_DESCRIPTORS * Integer.BYTES);

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment buffer = arena.allocate(MAX_BYTES, Long.BYTES);
    private final MemorySegment readable = buffer.asReadOnly();
    private final MemorySegment control = arena.allocate(CONTROL_BYTES, Long.BYTES);
    private final MemorySegment iovec = arena.allocate(IovecDescriptor.LAYOUT);
    private final MemorySegment msghdr = arena.allocate(MsghdrDescriptor.LAYOUT);
    private final Fd[] descriptors = new Fd[MAX_SENT_DESCRIPTORS];
    private int descriptorCount;
    private int length;

    public SeqPacketMessage() {
        iovec.set(ADDRESS, IovecDescriptor.BASE_OFFSET, buffer);
        iovec.set(JAVA_LONG, IovecDescriptor.LEN_OFFSET, MAX_BYTES);
    }

    /** Length of the message, 0 if the last receive gave none. */
    public int length() {
        return length;
    }

    /** The message's bytes: read-only, this process's own memory, valid until the next receive. */
    public MemorySegment payload() {
        return readable.asSlice(0, length);
    }

    /** How many descriptors came with it. */
    public int descriptorCount() {
        return descriptorCount;
    }

    /**
     * Hands descriptor {@code index} over to the caller.
     *
     * @throws IllegalStateException if it was taken before
     */
    public Fd takeDescriptor(int index) {
        if (index < 0 || index >= descriptorCount) {
            throw new IndexOutOfBoundsException("index=" + index + ": descriptorCount=" + descriptorCount);
        }
        Fd fd = descriptors[index];
        if (fd == null) {
            throw new IllegalStateException("descriptor index=" + index + " was taken before");
        }
        descriptors[index] = null;
        return fd;
    }

    /** Forgets the message and closes the descriptors that nobody took. The object can be used again. */
    @Override
    public void close() {
        length = 0;
        for (int i = 0; i < descriptorCount; i++) {
            if (descriptors[i] != null) {
                descriptors[i].closeAside();
            }
        }
        Arrays.fill(descriptors, null);
        descriptorCount = 0;
    }

    /** A msghdr ready for recvmsg. */
    MemorySegment prepare() {
        close();
        msghdr.fill((byte) 0);
        msghdr.set(ADDRESS, MsghdrDescriptor.IOV_OFFSET, iovec);
        msghdr.set(JAVA_LONG, MsghdrDescriptor.IOVLEN_OFFSET, 1);
        msghdr.set(ADDRESS, MsghdrDescriptor.CONTROL_OFFSET, control);
        msghdr.set(JAVA_LONG, MsghdrDescriptor.CONTROLLEN_OFFSET, CONTROL_BYTES);
        return msghdr;
    }

    /**
     * Takes over what recvmsg filled in: first all descriptors, so that none leaks whatever is wrong with the message.
     *
     * @return false if data or descriptors were cut off or there are too many; the message is then forgotten
     */
    boolean complete(int received) {
        takeControl(msghdr.get(JAVA_LONG, MsghdrDescriptor.CONTROLLEN_OFFSET));
        length = received;
        int flags = msghdr.get(JAVA_INT, MsghdrDescriptor.FLAGS_OFFSET);
        if ((flags & (SocketH.MSG_TRUNC | SocketH.MSG_CTRUNC)) != 0 || descriptorCount > MAX_DESCRIPTORS) {
            close();
            return false;
        }
        return true;
    }

    private void takeControl(long controlLength) {
        long offset = 0;
        while (offset + CmsghdrDescriptor.DATA_OFFSET <= controlLength) {
            long end = offset + control.get(JAVA_LONG, offset + CmsghdrDescriptor.LEN_OFFSET);
            if (control.get(JAVA_INT, offset + CmsghdrDescriptor.LEVEL_OFFSET) == SocketH.SOL_SOCKET
                    && control.get(JAVA_INT, offset + CmsghdrDescriptor.TYPE_OFFSET) == SocketH.SCM_RIGHTS) {
                for (long at = offset + CmsghdrDescriptor.DATA_OFFSET; at < end; at += Integer.BYTES) {
                    descriptors[descriptorCount++] = Fd.opened(control.get(JAVA_INT, at));
                }
            }
            offset = CmsghdrDescriptor.align(end);
        }
    }
}
