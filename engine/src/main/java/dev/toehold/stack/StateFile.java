package dev.toehold.stack;

import static dev.toehold.stack.StateFileDescriptor.INT;
import static dev.toehold.stack.StateFileDescriptor.LONG;

import dev.toehold.abi.Handle;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.OfdLock;
import dev.toehold.ffi.linux.RegularFile;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbLayout;
import dev.toehold.tcp.TcpState;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * The mapped state file of an engine ({@link StateFileDescriptor}), locked for the engine's life by an open-file-description lock
 * that a stopped process keeps and a dead one loses: there is one writer at a time.
 *
 * <p>A file left by an earlier engine is taken over: the epoch grows, secrets stay, address claims stay until {@link ClaimRecords} settles
 * them. Connections in it are not resumed; their records are freed, with new generations, and counted.
 */
public final class StateFile implements AutoCloseable {
    public static final String FILE_NAME = "state";

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final RegularFile file;
    private final OfdLock lock;
    private final Mapping mapping;
    private final int maxConnections;
    private final int lcoreCount;
    private final int abandonedCount;

    private StateFile(
            RegularFile file, OfdLock lock, Mapping mapping, int maxConnections, int lcoreCount, int abandonedCount) {
        this.file = file;
        this.lock = lock;
        this.mapping = mapping;
        this.maxConnections = maxConnections;
        this.lcoreCount = lcoreCount;
        this.abandonedCount = abandonedCount;
    }

    /**
     * Opens or makes the file {@link #FILE_NAME} (mode 0600) in an existing directory, locks and maps it.
     *
     * @param maxConnections at least one for each lcore
     * @throws IllegalStateException if another engine has it, or it is something else; the message says what to do
     */
    public static StateFile open(Path directory, int maxConnections, int lcoreCount) {
        return open(directory, maxConnections, lcoreCount, new SecureRandom());
    }

    /**
     * Like {@link #open(Path, int, int)}.
     *
     * @param secrets where a fresh file's secrets come from; whoever can tell them can forge segments
     */
    public static StateFile open(Path directory, int maxConnections, int lcoreCount, RandomGenerator secrets) {
        if (lcoreCount < 1 || lcoreCount > StateFileDescriptor.MAX_LCORES || maxConnections < lcoreCount) {
            throw new IllegalArgumentException("maxConnections=" + maxConnections + ", lcoreCount=" + lcoreCount
                    + ": allowed are 1 to " + StateFileDescriptor.MAX_LCORES + " lcores and a connection for each");
        }
        String path = directory.resolve(FILE_NAME).toString();
        RegularFile file = RegularFile.openOrCreate(path, 0600);
        try {
            OfdLock lock = OfdLock.tryLock(file.fd())
                    .orElseThrow(() -> new IllegalStateException(
                            "state=" + path + " belongs to a running engine, " + OfdLock.holder(file.fd())
                                    + ": stop it, or give this one another engine.name and engine.state"));
            return takeOver(file, lock, path, maxConnections, lcoreCount, secrets);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static StateFile takeOver(
            RegularFile file, OfdLock lock, String path, int maxConnections, int lcoreCount, RandomGenerator secrets) {
        long length = StateFileDescriptor.length(maxConnections, lcoreCount);
        EarlierState previous = EarlierState.NONE;
        if (file.sizeBytes() != 0) {
            previous = EarlierState.read(file, path);
        }
        boolean fits = previous.length() == length
                && previous.maxConnections() == maxConnections
                && previous.lcoreCount() == lcoreCount
                && previous.layoutVersion() == StateFileDescriptor.LAYOUT_VERSION;
        if (!fits) {
            // Anything may be wrong in what is not understood, so nothing of it stays.
            file.truncate(0);
            file.truncate(length);
        }
        Mapping mapping = Mapping.map(file.fd(), 0, length, Mapping.Access.READ_WRITE);
        MemorySegment memory = mapping.segment();
        INT.setRelease(memory, (long) StateFileDescriptor.READY_OFFSET, 0);
        int abandoned = fits ? freeRecords(memory, maxConnections, lcoreCount) : previous.liveCount();
        initialise(memory, maxConnections, lcoreCount, length, previous, secrets);
        return new StateFile(file, lock, mapping, maxConnections, lcoreCount, abandoned);
    }

    /** Frees what an earlier engine left; bumps every generation, since a record may have been freed halfway. */
    private static int freeRecords(MemorySegment memory, int maxConnections, int lcoreCount) {
        Tcb tcb = new Tcb(tcbs(memory, maxConnections, lcoreCount));
        int live = 0;
        for (int lcore = 0; lcore < lcoreCount; lcore++) {
            int first = StateFileDescriptor.firstTcb(maxConnections, lcoreCount, lcore);
            int used = highWater(memory, lcore, maxConnections, lcoreCount);
            for (int index = first; index < first + used; index++) {
                tcb.wrap(index);
                live += tcb.state() != TcpState.FREE ? 1 : 0;
                tcb.stateRelease(TcpState.FREE);
                tcb.generation(Handle.nextGeneration(tcb.generation()));
            }
        }
        return live;
    }

    static int highWater(MemorySegment memory, int lcore, int maxConnections, int lcoreCount) {
        int used = (int) INT.getAcquire(memory, StateFileDescriptor.HIGH_WATER_OFFSET + (long) lcore * Integer.BYTES);
        int range = StateFileDescriptor.firstTcb(maxConnections, lcoreCount, lcore + 1)
                - StateFileDescriptor.firstTcb(maxConnections, lcoreCount, lcore);
        return Math.clamp(used, 0, range);
    }

    private static void initialise(
            MemorySegment memory,
            int maxConnections,
            int lcoreCount,
            long length,
            EarlierState previous,
            RandomGenerator secrets) {
        LONG.set(memory, (long) StateFileDescriptor.MAGIC_OFFSET, StateFileDescriptor.MAGIC);
        INT.set(memory, (long) StateFileDescriptor.LAYOUT_VERSION_OFFSET, StateFileDescriptor.LAYOUT_VERSION);
        INT.set(memory, (long) StateFileDescriptor.TCB_LENGTH_OFFSET, TcbLayout.LENGTH);
        INT.set(memory, (long) StateFileDescriptor.MAX_CONNECTIONS_OFFSET, maxConnections);
        INT.set(memory, (long) StateFileDescriptor.LCORE_COUNT_OFFSET, lcoreCount);
        INT.set(memory, (long) StateFileDescriptor.LISTENERS_PER_LCORE_OFFSET, StateFileDescriptor.LISTENERS_PER_LCORE);
        INT.set(memory, (long) StateFileDescriptor.MAX_CLAIMS_OFFSET, StateFileDescriptor.MAX_CLAIMS);
        LONG.set(memory, (long) StateFileDescriptor.LISTENERS_OFFSET_OFFSET, StateFileDescriptor.listenersOffset());
        LONG.set(memory, (long) StateFileDescriptor.CLAIMS_OFFSET_OFFSET, StateFileDescriptor.claimsOffset(lcoreCount));
        LONG.set(memory, (long) StateFileDescriptor.TCBS_OFFSET_OFFSET, StateFileDescriptor.tcbsOffset(lcoreCount));
        LONG.set(memory, (long) StateFileDescriptor.LENGTH_OFFSET, length);
        // A fresh file must not repeat an epoch of one that was removed: it begins at the wall clock.
        long epoch = Math.max(previous.epoch() + 1, System.currentTimeMillis());
        LONG.set(memory, (long) StateFileDescriptor.EPOCH_OFFSET, epoch);
        UUID bootId = bootId();
        LONG.set(memory, (long) StateFileDescriptor.BOOT_ID_OFFSET, bootId.getMostSignificantBits());
        LONG.set(memory, (long) StateFileDescriptor.BOOT_ID_OFFSET + Long.BYTES, bootId.getLeastSignificantBits());
        INT.set(memory, (long) StateFileDescriptor.PID_OFFSET, (int)
                ProcessHandle.current().pid());
        for (int i = 0; i < StateFileDescriptor.SECRETS; i++) {
            long secret = previous.hasSecrets() ? previous.secret(i) : secrets.nextLong();
            LONG.set(memory, StateFileDescriptor.secretOffset(i), secret);
        }
        memory.asSlice(
                        StateFileDescriptor.listenersOffset(),
                        (long) lcoreCount
                                * StateFileDescriptor.LISTENERS_PER_LCORE
                                * StateFileDescriptor.LISTENER_LENGTH)
                .fill((byte) 0);
        previous.copyClaims(memory.asSlice(StateFileDescriptor.claimsOffset(lcoreCount)));
        INT.setRelease(memory, (long) StateFileDescriptor.READY_OFFSET, 1);
    }

    private static UUID bootId() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException e) {
            throw new IllegalStateException(BOOT_ID + " cannot be read: mount /proc", e);
        }
    }

    static MemorySegment tcbs(MemorySegment memory, int maxConnections, int lcoreCount) {
        return memory.asSlice(StateFileDescriptor.tcbsOffset(lcoreCount), (long) maxConnections * TcbLayout.LENGTH);
    }

    /** All TCB records, for flyweights. */
    public MemorySegment tcbs() {
        return tcbs(mapping.segment(), maxConnections, lcoreCount);
    }

    /** The address claims, for {@link ClaimRecords}. */
    MemorySegment claims() {
        return mapping.segment()
                .asSlice(
                        StateFileDescriptor.claimsOffset(lcoreCount),
                        (long) StateFileDescriptor.MAX_CLAIMS * StateFileDescriptor.CLAIM_LENGTH);
    }

    /** The listener records of one lcore. */
    MemorySegment listeners(int lcore) {
        long length = (long) StateFileDescriptor.LISTENERS_PER_LCORE * StateFileDescriptor.LISTENER_LENGTH;
        return mapping.segment().asSlice(StateFileDescriptor.listenersOffset() + lcore * length, length);
    }

    /** TCBs of an lcore's range ever used, as stored. */
    int highWater(int lcore) {
        return highWater(mapping.segment(), lcore, maxConnections, lcoreCount);
    }

    /** Stores it, before the record it makes reachable is used. */
    void highWaterRelease(int lcore, int count) {
        INT.setRelease(mapping.segment(), StateFileDescriptor.HIGH_WATER_OFFSET + (long) lcore * Integer.BYTES, count);
    }

    public int maxConnections() {
        return maxConnections;
    }

    public int lcoreCount() {
        return lcoreCount;
    }

    /** Connections of an earlier engine that were found and not resumed: their peers get a RST when they send. */
    public int abandonedCount() {
        return abandonedCount;
    }

    public long epoch() {
        return (long) LONG.get(mapping.segment(), (long) StateFileDescriptor.EPOCH_OFFSET);
    }

    /** Half {@code part} (0 or 1) of the key of initial sequence numbers (RFC 6528). */
    public long isnKey(int part) {
        return key(StateFileDescriptor.ISN_KEY_OFFSET, part);
    }

    public long cookieKey(int part) {
        return key(StateFileDescriptor.COOKIE_KEY_OFFSET, part);
    }

    public long hashKey(int part) {
        return key(StateFileDescriptor.HASH_KEY_OFFSET, part);
    }

    private long key(int offset, int part) {
        return (long) LONG.get(mapping.segment(), offset + (part & 1) * (long) Long.BYTES);
    }

    /** Removes the file, for an orderly end that leaves no connection; then {@link #close}. */
    public void delete() {
        try {
            Files.deleteIfExists(Path.of(file.path()));
        } catch (IOException e) {
            throw new IllegalStateException("state=" + file.path() + " cannot be removed: " + e.getMessage(), e);
        }
    }

    /** Unmaps, unlocks, closes; the file stays. No lcore may use the records any more. */
    @Override
    public void close() {
        mapping.close();
        lock.close();
        file.close();
    }
}
