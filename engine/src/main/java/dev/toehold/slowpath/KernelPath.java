package dev.toehold.slowpath;

import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.dpdk.Ring;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.NativeThread;
import dev.toehold.ffi.linux.TapDevice;
import dev.toehold.ffi.linux.VirtioNetHeader;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.KernelRings;
import dev.toehold.stack.PacketBuffers;
import dev.toehold.stack.PoolBuffers;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.agrona.ErrorHandler;

/**
 * The thread between a port's {@link KernelRings} and its {@link KernelTap}: every system call of the kernel's traffic is made here, none by an
 * lcore. Sleeps when there is nothing to do. Frames of an lcore go to the kernel with what is known of their sums; frames of the kernel are read
 * straight into mbufs.
 */
public final class KernelPath implements AutoCloseable {
    private static final int BURST = 64;
    private static final long TAP = 0;
    private static final long DOORBELL = 1;

    /** While the lcore is behind, or there are no mbufs, the kernel's frames wait in the TAP's own queue. */
    private static final long BLOCKED_NS = 1_000_000;

    private final TapDevice tap;
    private final KernelRings rings;
    private final PktMbufPool pool;
    private final boolean mayBePartial;
    private final ErrorHandler errorHandler;
    private final MbufArray burst = new MbufArray(BURST);
    private final ParsedPacket packet = new ParsedPacket();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final Thread thread;
    private PacketBuffers buffers;
    private long spare;
    private boolean isBlocked;
    private volatile boolean isEnding;

    private KernelPath(
            KernelTap tap, KernelRings rings, PktMbufPool pool, boolean mayBePartial, ErrorHandler errorHandler) {
        this.tap = tap.device();
        this.rings = rings;
        this.pool = pool;
        this.mayBePartial = mayBePartial;
        this.errorHandler = errorHandler;
        thread = new Thread(this::run, "kernel-" + this.tap.name());
    }

    /**
     * Starts the thread.
     *
     * @param pool of the engine
     * @param mayBePartial whether frames of the port may carry partial checksums ({@code Adapter.partialChecksums})
     */
    public static KernelPath start(
            KernelTap tap, KernelRings rings, PktMbufPool pool, boolean mayBePartial, ErrorHandler errorHandler) {
        KernelPath path = new KernelPath(tap, rings, pool, mayBePartial, errorHandler);
        path.thread.start();
        try {
            path.started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        return path;
    }

    private void run() {
        NativeThread.setName(thread.getName());
        try (Lcore lcore = Lcore.register();
                Epoll epoll = Epoll.create(2)) {
            buffers = new PoolBuffers(pool, lcore);
            epoll.add(tap.fd(), Epoll.IN, TAP);
            epoll.add(rings.kernelDoorbell().eventFd().fd(), Epoll.IN | Epoll.ET, DOORBELL);
            started.complete(null);
            while (!isEnding) {
                try {
                    doWork(epoll);
                } catch (RuntimeException e) {
                    errorHandler.onError(e);
                }
            }
            if (spare != 0) {
                buffers.free(spare);
            }
            epoll.remove(tap.fd());
            epoll.remove(rings.kernelDoorbell().eventFd().fd());
        } catch (RuntimeException | Error e) {
            if (!started.completeExceptionally(e)) {
                errorHandler.onError(e);
            }
        }
    }

    private void doWork(Epoll epoll) {
        if (writeFrames() + readFrames() > 0) {
            return;
        }
        rings.kernelDoorbell().arm();
        try {
            if (!isEnding && !hasFrames()) {
                if (isBlocked) {
                    Thread.sleep(0, (int) (BLOCKED_NS - 1));
                } else {
                    int _ = epoll.await(Epoll.FOREVER);
                }
            }
        } catch (InterruptedException e) {
            isEnding = true;
        } finally {
            rings.kernelDoorbell().disarm();
        }
    }

    private boolean hasFrames() {
        for (int lcore = 0; lcore < rings.lcoreCount(); lcore++) {
            if (rings.toKernel(lcore).count() > 0) {
                return true;
            }
        }
        return false;
    }

    private int writeFrames() {
        int frames = 0;
        for (int lcore = 0; lcore < rings.lcoreCount(); lcore++) {
            int count = rings.toKernel(lcore).dequeueBurst(burst, 0, BURST);
            try {
                for (int i = 0; i < count; i++) {
                    write(burst.get(i));
                }
            } finally {
                buffers.free(burst, 0, count);
            }
            frames += count;
        }
        return frames;
    }

    /** What the kernel does not take is lost, as on a wire. */
    private void write(long mbuf) {
        int length = Mbuf.dataLength(mbuf);
        if (length == Mbuf.packetLength(mbuf)
                && Mbuf.headroom(mbuf) >= VirtioNetHeader.BYTES
                && Mbuf.referenceCount(mbuf) == 1) {
            MemorySegment memory = buffers.memory();
            long frame = buffers.offset(mbuf);
            long header = frame - VirtioNetHeader.BYTES;
            writeHeader(memory, header, frame, length, Mbuf.offloadFlags(mbuf));
            boolean _ = tap.write(memory, header, length + VirtioNetHeader.BYTES);
        }
    }

    private void writeHeader(MemorySegment memory, long header, long frame, int length, long offloads) {
        int flags = (offloads & Mbuf.RX_L4_CKSUM_MASK) == Mbuf.RX_L4_CKSUM_GOOD ? VirtioNetHeader.DATA_VALID : 0;
        int start = 0;
        int offset = 0;
        if (mayBePartial && flags == 0) {
            int result = PacketParser.parse(memory, frame, length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
            if (!ParseResult.isDrop(result) && packet.family() != 0) {
                int field = InternetChecksum.partialField(memory, packet);
                if (field >= 0) {
                    flags = VirtioNetHeader.NEEDS_CHECKSUM;
                    start = (int) (packet.l4Offset() - frame);
                    offset = field;
                }
            }
        }
        VirtioNetHeader.write(memory, header, flags, start, offset);
    }

    private int readFrames() {
        Ring fromKernel = rings.fromKernel();
        int frames = 0;
        isBlocked = false;
        while (frames < BURST) {
            if (spare == 0) {
                spare = buffers.allocate();
            }
            if (spare == 0 || fromKernel.count() >= fromKernel.capacity()) {
                isBlocked = true;
                break;
            }
            int length = tap.read(
                    buffers.memory(),
                    buffers.offset(spare) - VirtioNetHeader.BYTES,
                    buffers.room(spare) + VirtioNetHeader.BYTES);
            if (length <= VirtioNetHeader.BYTES) {
                break;
            }
            if (buffers.setFrameLength(spare, length - VirtioNetHeader.BYTES) && fromKernel.enqueue(spare)) {
                spare = 0;
            }
            frames++;
        }
        if (frames > 0) {
            rings.ownerDoorbell().ring();
        }
        return frames;
    }

    /** Ends the thread, once no lcore uses the rings any more. */
    @Override
    public void close() {
        isEnding = true;
        rings.kernelDoorbell().ring();
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
