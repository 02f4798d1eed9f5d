package dev.toehold.client;

import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.HugePages;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.Seal;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;

/**
 * Memory that this process shares with the engine: the engine places received bytes there and sends from there. A tmpfs
 * memfd that can never shrink, allocated in full.
 *
 * <p>{@link #memory()} is ordinary memory for the application, except that bytes under an outstanding RECEIVE or SEND
 * are the engine's until that completes. After {@link #close()} an access throws {@link IllegalStateException}.
 */
public final class Region implements AutoCloseable {
    private final Session session;
    private final int id;
    private final Arena arena = Arena.ofShared();
    private final Mapping mapping;
    private final MemFd memFd;
    private final MemorySegment memory;
    private boolean isClosed;

    private Region(Session session, int id, Mapping mapping, MemFd memFd) {
        this.memFd = memFd;
        this.session = session;
        this.id = id;
        this.mapping = mapping;
        this.memory = mapping.segment(arena);
    }

    /** Makes the memory and lends it to the engine. */
    static Region register(Session session, int id, long sizeBytes) throws IOException {
        MemFd memFd = MemFd.create("toehold-region-" + id, HugePages.NONE);
        Mapping mapping = null;
        boolean registered = false;
        try {
            memFd.allocate(sizeBytes);
            memFd.seal(EnumSet.of(Seal.SHRINK, Seal.GROW, Seal.SEAL));
            mapping = Mapping.map(memFd.fd(), 0, sizeBytes, Mapping.Access.READ_WRITE);
            session.requestRegister(id, sizeBytes, memFd.fd());
            registered = true;
            return new Region(session, id, mapping, memFd);
        } finally {
            if (!registered) {
                if (mapping != null) {
                    mapping.close();
                }
                memFd.close();
            }
        }
    }

    /** The memory's descriptor, for the next engine. */
    Fd fd() {
        return memFd.fd();
    }

    int id() {
        return id;
    }

    Session session() {
        return session;
    }

    public long sizeBytes() {
        return mapping.length();
    }

    /** All of it. Any thread may use it; its lifetime is the region's. */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Names a part of it.
     *
     * @param offset in bytes, from 0
     * @param length 1 .. {@link dev.toehold.abi.Abi#MAX_LOCATION_LENGTH}
     */
    public Location location(long offset, int length) {
        return new Location(this, offset, length);
    }

    /**
     * Takes the memory back; waits until nothing in the engine refers to it any more, so first let the RECEIVEs and SENDs
     * there complete or close their connections. Closing twice does nothing; {@link Toehold#close} closes all that are left.
     *
     * @throws IOException if the engine did not let go of it in time: the region is still open
     */
    @Override
    public void close() throws IOException {
        session.unregister(this);
    }

    /** The engine has let go of it. Once. */
    void release() {
        if (!isClosed) {
            isClosed = true;
            arena.close();
            mapping.close();
            memFd.close();
        }
    }

    @Override
    public String toString() {
        return "region " + id + " (" + sizeBytes() + " bytes)";
    }
}
