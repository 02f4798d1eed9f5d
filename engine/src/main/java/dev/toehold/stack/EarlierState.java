package dev.toehold.stack;

import static dev.toehold.stack.StateFileDescriptor.INT;
import static dev.toehold.stack.StateFileDescriptor.LONG;

import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.RegularFile;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.MemorySegment;
import java.util.UUID;

/** What an earlier engine left in its state file, as far as the next one keeps it whatever its own size: epoch, secrets, claims. */
final class EarlierState {
    /** There was none, or nothing of it can be understood. */
    static final EarlierState NONE = new EarlierState();

    private int layoutVersion;
    private int maxConnections;
    private int lcoreCount;
    private long length;
    private long epoch;
    private long[] secrets;
    private MemorySegment claims;
    private int liveCount;
    private UUID bootId = new UUID(0, 0);

    private EarlierState() {}

    /**
     * Reads a file that is not empty.
     *
     * @throws IllegalStateException if it is something else than a state file
     */
    static EarlierState read(RegularFile file, String path) {
        long size = file.sizeBytes();
        if (size < StateFileDescriptor.HEADER_LENGTH) {
            throw notOurs(path);
        }
        try (Mapping mapping = Mapping.map(file.fd(), 0, size, Mapping.Access.READ_WRITE)) {
            MemorySegment memory = mapping.segment();
            long magic = (long) LONG.get(memory, (long) StateFileDescriptor.MAGIC_OFFSET);
            if (magic != 0 && magic != StateFileDescriptor.MAGIC) {
                throw notOurs(path);
            }
            boolean isReady = (int) INT.getAcquire(memory, (long) StateFileDescriptor.READY_OFFSET) == 1;
            int version = (int) INT.get(memory, (long) StateFileDescriptor.LAYOUT_VERSION_OFFSET);
            if (magic == 0 || !isReady) {
                // The engine died while it made the file, before it had a connection.
                return NONE;
            }
            EarlierState state = new EarlierState();
            state.layoutVersion = version;
            // Stands there in every version.
            state.bootId = new UUID((long) LONG.get(memory, (long) StateFileDescriptor.BOOT_ID_OFFSET), (long)
                    LONG.get(memory, (long) StateFileDescriptor.BOOT_ID_OFFSET + Long.BYTES));
            return version == StateFileDescriptor.LAYOUT_VERSION ? read(state, memory, size) : state;
        }
    }

    private static EarlierState read(EarlierState state, MemorySegment memory, long size) {
        int max = (int) INT.get(memory, (long) StateFileDescriptor.MAX_CONNECTIONS_OFFSET);
        int lcores = (int) INT.get(memory, (long) StateFileDescriptor.LCORE_COUNT_OFFSET);
        if (lcores < 1
                || lcores > StateFileDescriptor.MAX_LCORES
                || max < lcores
                || size != StateFileDescriptor.length(max, lcores)) {
            return NONE;
        }
        state.maxConnections = max;
        state.lcoreCount = lcores;
        state.length = size;
        state.epoch = (long) LONG.get(memory, (long) StateFileDescriptor.EPOCH_OFFSET);
        state.secrets = new long[StateFileDescriptor.SECRETS];
        for (int i = 0; i < state.secrets.length; i++) {
            state.secrets[i] = (long) LONG.get(memory, StateFileDescriptor.secretOffset(i));
        }
        int claimsLength = StateFileDescriptor.MAX_CLAIMS * StateFileDescriptor.CLAIM_LENGTH;
        state.claims = MemorySegment.ofArray(new long[claimsLength / Long.BYTES]);
        MemorySegment.copy(memory, StateFileDescriptor.claimsOffset(lcores), state.claims, 0, claimsLength);
        state.liveCount = countLive(memory, max, lcores);
        return state;
    }

    private static IllegalStateException notOurs(String path) {
        return new IllegalStateException("state=" + path
                + " is not a state file of this program: remove it, or set engine.state to another directory");
    }

    static int countLive(MemorySegment memory, int maxConnections, int lcoreCount) {
        Tcb tcb = new Tcb(StateFile.tcbs(memory, maxConnections, lcoreCount));
        int live = 0;
        for (int lcore = 0; lcore < lcoreCount; lcore++) {
            int first = StateFileDescriptor.firstTcb(maxConnections, lcoreCount, lcore);
            int used = StateFile.highWater(memory, lcore, maxConnections, lcoreCount);
            for (int index = first; index < first + used; index++) {
                live += tcb.wrap(index).stateAcquire() != TcpState.FREE ? 1 : 0;
            }
        }
        return live;
    }

    /** Whether the file is as an engine of this size would make it, so that its records stay where they are. */
    boolean fits(int wantedConnections, int wantedLcores) {
        return length != 0 && maxConnections == wantedConnections && lcoreCount == wantedLcores;
    }

    /**
     * Why its connections cannot be resumed by an engine of this size, and what to do; empty if they can, or there are none.
     *
     * @param path of the file, for the message
     */
    String whyNotResumable(String path, int wantedConnections, int wantedLcores, UUID currentBootId) {
        if (layoutVersion != 0 && layoutVersion != StateFileDescriptor.LAYOUT_VERSION) {
            return "state=" + path + " has layout version " + layoutVersion + ", this program writes "
                    + StateFileDescriptor.LAYOUT_VERSION + ": run the version that wrote it";
        }
        if (liveCount == 0) {
            return "";
        }
        String what = "state=" + path + " holds " + liveCount + " connections of ";
        if (!bootId.equals(currentBootId)) {
            return what + "an earlier boot, whose clock is gone";
        }
        if (lcoreCount != wantedLcores) {
            return what + "an engine with " + lcoreCount + " lcores, this one has " + wantedLcores
                    + ": set engine.lcores back";
        }
        if (maxConnections != wantedConnections) {
            return what + "an engine with engine.max-connections=" + maxConnections + ", this one has "
                    + wantedConnections + ": set it back";
        }
        return "";
    }

    /** Whether the kernel that it was written under still runs: what is of an earlier boot is lost whatever anybody does. */
    boolean isOfBoot(UUID currentBootId) {
        return bootId.equals(currentBootId);
    }

    long epoch() {
        return epoch;
    }

    boolean hasSecrets() {
        return secrets != null;
    }

    long secret(int index) {
        return secrets[index];
    }

    /** Puts the address claims back into a new file. */
    void copyClaims(MemorySegment destination) {
        if (claims != null) {
            MemorySegment.copy(claims, 0, destination, 0, claims.byteSize());
        }
    }

    /** Connections in it. */
    int liveCount() {
        return liveCount;
    }
}
