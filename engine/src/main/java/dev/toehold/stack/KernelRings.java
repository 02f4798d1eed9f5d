package dev.toehold.stack;

import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.dpdk.Ring;

/**
 * Between the lcores and the thread that serves a port's TAP: a single-producer single-consumer ring from each lcore for frames that the
 * kernel gets, and one for frames that the kernel sends, to the lcore that owns the port's transmit queue. So an lcore makes no system call for
 * the kernel's traffic, and a slow kernel costs its own frames only.
 */
public final class KernelRings implements AutoCloseable {
    private final Ring[] toKernel;
    private final Ring fromKernel;
    private final Doorbell kernelDoorbell;
    private final Doorbell ownerDoorbell;

    /**
     * Makes the rings.
     *
     * @param name prefix of their names, unique in the process, at most 12 characters
     * @param lcoreCount of the engine
     * @param size entries of each, a power of two
     * @param ownerDoorbell of the lcore that owns the port's transmit queue
     */
    public KernelRings(String name, int lcoreCount, int size, Doorbell ownerDoorbell) {
        this.ownerDoorbell = ownerDoorbell;
        kernelDoorbell = new Doorbell();
        toKernel = new Ring[lcoreCount];
        fromKernel = Ring.create(name + "-from", size, PktMbufPool.SOCKET_ANY);
        try {
            for (int i = 0; i < lcoreCount; i++) {
                toKernel[i] = Ring.create(name + "-to-" + i, size, PktMbufPool.SOCKET_ANY);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Frames that an lcore gives to the kernel. */
    public Ring toKernel(int lcore) {
        return toKernel[lcore];
    }

    /** Frames that the kernel sends. */
    public Ring fromKernel() {
        return fromKernel;
    }

    public int lcoreCount() {
        return toKernel.length;
    }

    /** Of the thread that serves the TAP. */
    public Doorbell kernelDoorbell() {
        return kernelDoorbell;
    }

    /** Of the lcore that sends the kernel's frames. */
    public Doorbell ownerDoorbell() {
        return ownerDoorbell;
    }

    /** Frees the frames still inside and the rings. Nobody may use them any more. */
    @Override
    public void close() {
        for (Ring ring : toKernel) {
            if (ring != null) {
                discard(ring);
            }
        }
        discard(fromKernel);
        kernelDoorbell.close();
    }

    private static void discard(Ring ring) {
        MbufArray one = new MbufArray(1);
        for (long mbuf = ring.dequeue(); mbuf != 0; mbuf = ring.dequeue()) {
            one.set(0, mbuf);
            PktMbufPool.free(one, 0, 1);
        }
        ring.close();
    }
}
