package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.dpdk.Ring;
import java.util.function.Function;

/**
 * Packets between lcores: a single-producer single-consumer ring [from][to] for received ones, own packets to oneself (loopback)
 * included, and one for those to be sent by the lcore that owns a port's transmit queue. These rings are all that lcores share on the
 * fast path. {@code rte_mbuf.port} carries the port's index.
 */
public final class DispatchRings implements AutoCloseable {
    private final int lcoreCount;
    private final Doorbell[] doorbells;
    private final FlowOwners owners;
    private final Ring[] rx;
    private final Ring[] tx;

    /**
     * Makes the rings.
     *
     * @param name prefix of their names, unique in the process, at most 12 characters
     * @param doorbells one for each lcore
     * @param size entries of each, a power of two
     */
    public DispatchRings(String name, Doorbell[] doorbells, int size) {
        this(name, doorbells, size, FlowOwners.byKeyedHash(doorbells.length));
    }

    /** Likewise, where something else than the keyed hash chooses the owners. */
    public DispatchRings(String name, Doorbell[] doorbells, int size, FlowOwners owners) {
        this(doorbells, owners, suffix -> Ring.create(name + suffix, size, PktMbufPool.SOCKET_ANY));
    }

    /** Rings without EAL; whoever closes them has seen that they are empty. */
    public static DispatchRings inOwnMemory(Doorbell[] doorbells, int size) {
        FlowOwners owners = FlowOwners.byKeyedHash(doorbells.length);
        return new DispatchRings(doorbells, owners, suffix -> Ring.inOwnMemory(suffix, size));
    }

    private DispatchRings(Doorbell[] doorbells, FlowOwners owners, Function<String, Ring> factory) {
        this.owners = owners;
        this.doorbells = doorbells.clone();
        lcoreCount = doorbells.length;
        rx = new Ring[lcoreCount * lcoreCount];
        tx = new Ring[lcoreCount * lcoreCount];
        try {
            for (int i = 0; i < rx.length; i++) {
                rx[i] = factory.apply("-rx-" + i);
                if (i / lcoreCount != i % lcoreCount) {
                    tx[i] = factory.apply("-tx-" + i);
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    public int lcoreCount() {
        return lcoreCount;
    }

    /** Which lcore a packet is to go to. */
    FlowOwners owners() {
        return owners;
    }

    Ring rx(int from, int to) {
        return rx[from * lcoreCount + to];
    }

    /** Of two different lcores. */
    Ring tx(int from, int to) {
        return tx[from * lcoreCount + to];
    }

    /** Wakes an lcore that was given packets. */
    void ring(int to) {
        doorbells[to].ring();
    }

    /** Whether something waits for an lcore: asked before it sleeps. */
    boolean hasWorkFor(int to) {
        for (int from = 0; from < lcoreCount; from++) {
            if (rx(from, to).count() > 0 || (from != to && tx(from, to).count() > 0)) {
                return true;
            }
        }
        return false;
    }

    /** Frees the packets still inside and the rings. No lcore may use them any more. */
    @Override
    public void close() {
        MbufArray one = new MbufArray(1);
        for (Ring[] rings : new Ring[][] {rx, tx}) {
            for (Ring ring : rings) {
                if (ring != null) {
                    for (long mbuf = ring.dequeue(); mbuf != 0; mbuf = ring.dequeue()) {
                        one.set(0, mbuf);
                        PktMbufPool.free(one, 0, 1);
                    }
                    ring.close();
                }
            }
        }
    }

    /** Notes the port and enqueues; false if the ring is full. */
    static boolean enqueue(Ring ring, long mbuf, int portIndex) {
        Mbuf.port(mbuf, portIndex);
        return ring.enqueue(mbuf);
    }
}
