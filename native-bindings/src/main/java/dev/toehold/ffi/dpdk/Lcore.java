package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * The calling platform thread as an lcore of DPDK. Only an lcore has mempool caches; without one each mbuf costs a trip
 * to the pool's shared ring.
 */
public final class Lcore implements AutoCloseable {
    /** What a thread that is no lcore has as its id. */
    public static final int ID_ANY = -1;

    private static final MethodHandle REGISTER =
            Dpdk.load().function("eal", "rte_thread_register", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle UNREGISTER =
            Dpdk.load().function("eal", "rte_thread_unregister", FunctionDescriptor.ofVoid());

    private final Thread thread;
    private final int id;
    private boolean closed;

    private Lcore(final Thread thread, final int id) {
        this.thread = thread;
        this.id = id;
    }

    /**
     * Registers the calling thread; set its CPU affinity before, as EAL remembers it.
     *
     * @throws IllegalStateException if the thread is virtual or an lcore already
     * @throws DpdkException if EAL has no lcore id left or is not running
     */
    public static Lcore register() {
        final Thread thread = Thread.currentThread();
        if (thread.isVirtual()) {
            throw new IllegalStateException("thread=" + thread + " is virtual; an lcore is a platform thread");
        }
        if (currentId() != ID_ANY) {
            throw new IllegalStateException("thread=" + thread.getName() + " is lcore " + currentId() + " already");
        }
        try {
            final int status = (int) REGISTER.invokeExact();
            if (status != 0) {
                throw new DpdkException("rte_thread_register", RteErrno.get(), EalLog.cause());
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        return new Lcore(thread, currentId());
    }

    /** The calling thread's lcore id, or {@link #ID_ANY}. */
    public static int currentId() {
        // dlsym of a thread-local symbol resolves for the calling thread, so the address is never kept.
        return Memory.getInt(Dpdk.load().symbol("eal", "per_lcore__lcore_id").address());
    }

    /** 0 for the first thread registered. */
    public int id() {
        return id;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread && !closed;
    }

    /** Gives the id back. Mbufs in this lcore's caches stay there, for the next thread that gets the id. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (!isCurrentThread()) {
            throw new IllegalStateException(
                    "lcore " + id + " belongs to thread=" + thread.getName() + ", which must unregister it");
        }
        closed = true;
        try {
            UNREGISTER.invokeExact();
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
