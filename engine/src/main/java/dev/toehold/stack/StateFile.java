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
 * them. So do connections, listeners and sessions, if the file is of this boot and has the same size; else they are {@link Leftovers}.
 */
public final class StateFile implements AutoCloseable {
    public static final String FILE_NAME = "state";

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static final int MAX_SPREAD = 1 << 16;

    private final RegularFile file;
    private final OfdLock lock;
    private final Mapping mapping;
    private final int maxConnections;
    private final int lcoreCount;
    private final String abandoned;

    /** What becomes of connections of an earlier engine that this one cannot resume. */
    public enum Leftovers {
        /** The file is refused: whoever reads why can still do something about it. */
        REFUSE,
        /** They are forgotten; their peers get a reset when they send. */
        ABANDON
    }

    private StateFile(
            RegularFile file, OfdLock lock, Mapping mapping, int maxConnections, int lcoreCount, String abandoned) {
        this.file = file;
        this.lock = lock;
        this.mapping = mapping;
        this.maxConnections = maxConnections;
        this.lcoreCount = lcoreCount;
        this.abandoned = abandoned;
    }

    /**
     * Opens or makes the file {@link #FILE_NAME} (mode 0600) in an existing directory, locks and maps it.
     *
     * @param maxConnections at least one for each lcore
     * @param leftovers ABANDON gives up connections even if they could be resumed
     * @throws IllegalStateException if another engine has it, it is something else, or it holds connections that this engine cannot
     *     resume and nobody said to abandon them; the message says what to do
     */
    public static StateFile open(Path directory, int maxConnections, int lcoreCount, Leftovers leftovers) {
        return open(directory, maxConnections, lcoreCount, leftovers, new SecureRandom());
    }

    /** Like {@link #open(Path, int, int, Leftovers)} for a fresh file, or one whose connections can be resumed. */
    public static StateFile open(Path directory, int maxConnections, int lcoreCount, RandomGenerator secrets) {
        return open(directory, maxConnections, lcoreCount, Leftovers.REFUSE, secrets);
    }

    /**
     * Like {@link #open(Path, int, int, Leftovers)}.
     *
     * @param secrets where a fresh file's secrets come from; whoever can tell them can forge segments
     */
    private static StateFile open(
            Path directory, int maxConnections, int lcoreCount, Leftovers leftovers, RandomGenerator secrets) {
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
            return takeOver(file, lock, path, maxConnections, lcoreCount, leftovers, secrets);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static StateFile takeOver(
            RegularFile file,
            OfdLock lock,
            String path,
            int maxConnections,
            int lcoreCount,
            Leftovers leftovers,
            RandomGenerator secrets) {
        long length = StateFileDescriptor.length(maxConnections, lcoreCount);
        EarlierState previous = file.sizeBytes() == 0 ? EarlierState.NONE : EarlierState.read(file, path);
        UUID bootId = bootId();
        String reason = previous.whyNotResumable(path, maxConnections, lcoreCount, bootId);
        if (!reason.isEmpty() && previous.isOfBoot(bootId) && leftovers == Leftovers.REFUSE) {
            throw new IllegalStateException(reason + ", or add --abandon-connections to reset them");
        }
        if (reason.isEmpty() && leftovers == Leftovers.ABANDON && previous.liveCount() > 0) {
            reason = "state=" + path + " held " + previous.liveCount() + " connections";
        }
        boolean isKept = reason.isEmpty()
                && leftovers == Leftovers.REFUSE
                && previous.isOfBoot(bootId)
                && previous.fits(maxConnections, lcoreCount);
        if (!previous.fits(maxConnections, lcoreCount)) {
            // Anything may be wrong in what is not understood, so nothing of it stays.
            file.truncate(0);
            file.truncate(length);
        }
        Mapping mapping = Mapping.map(file.fd(), 0, length, Mapping.Access.READ_WRITE);
        MemorySegment memory = mapping.segment();
        if (!isKept) {
            INT.setRelease(memory, (long) StateFileDescriptor.READY_OFFSET, 0);
            forget(memory, maxConnections, lcoreCount);
        }
        initialise(memory, maxConnections, lcoreCount, length, previous, bootId, secrets);
        return new StateFile(file, lock, mapping, maxConnections, lcoreCount, reason);
    }

    /** Frees every connection, listener and session, with new generations, since a record may have been freed halfway. */
    private static void forget(MemorySegment memory, int maxConnections, int lcoreCount) {
        Tcb tcb = new Tcb(tcbs(memory, maxConnections, lcoreCount));
        for (int lcore = 0; lcore < lcoreCount; lcore++) {
            int first = StateFileDescriptor.firstTcb(maxConnections, lcoreCount, lcore);
            int used = highWater(memory, lcore, maxConnections, lcoreCount);
            for (int index = first; index < first + used; index++) {
                tcb.wrap(index);
                tcb.stateRelease(TcpState.FREE);
                tcb.generation(Handle.nextGeneration(tcb.generation()));
            }
        }
        long listeners = (long) lcoreCount * StateFileDescriptor.LISTENERS_PER_LCORE;
        for (long i = 0; i < listeners; i++) {
            long at = StateFileDescriptor.listenersOffset() + i * StateFileDescriptor.LISTENER_LENGTH;
            INT.setRelease(memory, at + StateFileDescriptor.LISTENER_STATE_OFFSET, StateFileDescriptor.LISTENER_FREE);
        }
        for (long i = 0; i < StateFileDescriptor.MAX_SESSIONS; i++) {
            long at = StateFileDescriptor.sessionsOffset() + i * StateFileDescriptor.SESSION_LENGTH;
            INT.setRelease(memory, at + StateFileDescriptor.SESSION_STATE_OFFSET, StateFileDescriptor.SESSION_FREE);
        }
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
            UUID bootId,
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
        LONG.set(memory, (long) StateFileDescriptor.BOOT_ID_OFFSET, bootId.getMostSignificantBits());
        LONG.set(memory, (long) StateFileDescriptor.BOOT_ID_OFFSET + Long.BYTES, bootId.getLeastSignificantBits());
        INT.set(memory, (long) StateFileDescriptor.PID_OFFSET, (int)
                ProcessHandle.current().pid());
        for (int i = 0; i < StateFileDescriptor.SECRETS; i++) {
            long secret = previous.hasSecrets() ? previous.secret(i) : secrets.nextLong();
            LONG.set(memory, StateFileDescriptor.secretOffset(i), secret);
        }
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

    /** The sessions that a later engine may be asked for, for {@link SessionRecords}. */
    MemorySegment sessions() {
        return mapping.segment()
                .asSlice(
                        StateFileDescriptor.sessionsOffset(),
                        (long) StateFileDescriptor.MAX_SESSIONS * StateFileDescriptor.SESSION_LENGTH);
    }

    /** The next session id, taken. */
    int takeSessionId() {
        int id = Math.max(1, (int) INT.get(mapping.segment(), (long) StateFileDescriptor.NEXT_SESSION_ID_OFFSET));
        INT.setRelease(
                mapping.segment(),
                (long) StateFileDescriptor.NEXT_SESSION_ID_OFFSET,
                id == Integer.MAX_VALUE ? 1 : id + 1);
        return id;
    }

    /**
     * How the connections in the file are spread over the lcores: {@link FlowOwners#tableSize}. What stands there counts while there are
     * any, since each connection stays on its lcore.
     */
    public int spread() {
        int size = (int) INT.get(mapping.segment(), (long) StateFileDescriptor.SPREAD_OFFSET);
        boolean isTable = Integer.bitCount(size) == 1 && size >= lcoreCount && size <= MAX_SPREAD;
        return isTable ? size : FlowOwners.KEYED_HASH;
    }

    /** Stores how connections to come are spread; while there are none. */
    public void spread(int tableSize) {
        INT.setRelease(mapping.segment(), (long) StateFileDescriptor.SPREAD_OFFSET, tableSize);
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

    /** Why connections of an earlier engine were given up: their peers get a RST when they send. Empty if none were. */
    public String abandoned() {
        return abandoned;
    }

    /** Connections in the file now, whatever their state. Any thread; a walk over all records ever used. */
    public int liveCount() {
        return EarlierState.countLive(mapping.segment(), maxConnections, lcoreCount);
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
