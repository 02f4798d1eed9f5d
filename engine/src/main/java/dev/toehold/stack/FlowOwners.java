package dev.toehold.stack;

import dev.toehold.net.ParsedPacket;
import dev.toehold.net.SipHash;
import dev.toehold.net.ToeplitzHash;

/**
 * Which lcore owns a connection: the one that a keyed hash of the tuple chooses, or the one whose receive queue the ports' hardware
 * chooses (receive side scaling), computed here as there. All lcores and ports of an engine agree. Immutable, for any thread.
 *
 * <p>What arrives elsewhere all the same is passed to its owner: what came in fragments, what a card cannot hash, what comes from the
 * engine itself.
 */
public final class FlowOwners {
    /** {@link #tableSize} when the keyed hash chooses. */
    public static final int KEYED_HASH = 0;

    private final int lcoreCount;
    private final int tableSize;
    private final ToeplitzHash toeplitz;

    private FlowOwners(int lcoreCount, int tableSize, ToeplitzHash toeplitz) {
        this.lcoreCount = lcoreCount;
        this.tableSize = tableSize;
        this.toeplitz = toeplitz;
    }

    /** The upper half of the keyed hash chooses: the lower one chooses the slot in the flow table. */
    public static FlowOwners byKeyedHash(int lcoreCount) {
        return new FlowOwners(lcoreCount, KEYED_HASH, null);
    }

    /**
     * A redirection table chooses.
     *
     * @param key of the ports' hash
     * @param tableSize a power of two, at least the number of lcores; a port with a longer table repeats it
     */
    public static FlowOwners byRedirection(byte[] key, int tableSize, int lcoreCount) {
        if (Integer.bitCount(tableSize) != 1 || tableSize < lcoreCount) {
            throw new IllegalArgumentException(
                    "tableSize=" + tableSize + " must be a power of two and at least lcoreCount=" + lcoreCount);
        }
        return new FlowOwners(lcoreCount, tableSize, new ToeplitzHash(key));
    }

    /** Those of an engine whose state file says how its connections are spread. */
    public static FlowOwners of(StateFile file) {
        return file.spread() == KEYED_HASH
                ? byKeyedHash(file.lcoreCount())
                : byRedirection(redirectionKey(file, ToeplitzHash.KEY_LENGTH), file.spread(), file.lcoreCount());
    }

    /** The secret key of the ports' hash: of a state file always the same, and a longer one begins as a shorter one does. */
    public static byte[] redirectionKey(StateFile file, int length) {
        // Not the key of the flow table as such: this one is in the hands of hardware, and can be learnt.
        SipHash words = new SipHash(2, 4, ~file.hashKey(0), file.hashKey(1));
        byte[] key = new byte[length];
        for (int i = 0; i < length; i++) {
            key[i] = (byte) words.hash(i, 0, 0, 0, 0);
        }
        return key;
    }

    /** Entries of the redirection table, or {@link #KEYED_HASH}. */
    public int tableSize() {
        return tableSize;
    }

    /** What a port with a table of {@code size} entries, at least {@link #tableSize}, is to have in it: queue k is lcore k's. */
    public int[] redirection(int size) {
        int[] queues = new int[size];
        for (int i = 0; i < size; i++) {
            queues[i] = owner(i);
        }
        return queues;
    }

    private int owner(int hash) {
        return (hash & (tableSize - 1)) % lcoreCount;
    }

    /**
     * The lcore that owns a connection.
     *
     * @param hash the keyed one, of the same tuple
     */
    int owner(
            long hash, long localHigh, long localLow, long remoteHigh, long remoteLow, int localPort, int remotePort) {
        return toeplitz == null
                ? byHash(hash)
                : owner(toeplitz.hash(remoteHigh, remoteLow, localHigh, localLow, remotePort, localPort));
    }

    /** The lcore that owns the connection of a received TCP packet. */
    int owner(long hash, ParsedPacket packet) {
        return owner(
                hash,
                packet.destinationHi(),
                packet.destinationLo(),
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationPort(),
                packet.sourcePort());
    }

    /** The lcore for what is no connection, such as the fragments of a packet. */
    int byHash(long hash) {
        return (int) (((hash >>> 32) * lcoreCount) >>> 32);
    }
}
