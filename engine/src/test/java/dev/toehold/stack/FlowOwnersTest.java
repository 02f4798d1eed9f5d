package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.ToeplitzHash;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowOwnersTest {
    private static final int LCORES = 3;

    @TempDir
    Path directory;

    private final Random random = new Random(5);

    private StateFile open(Random secrets) {
        return StateFile.open(directory, 64, LCORES, secrets);
    }

    @Test
    void shouldChooseAsAPortWithALongerTableDoes() {
        byte[] key = new byte[ToeplitzHash.KEY_LENGTH];
        random.nextBytes(key);
        FlowOwners owners = FlowOwners.byRedirection(key, 64, LCORES);
        ToeplitzHash hash = new ToeplitzHash(key);
        int[] counts = new int[LCORES];
        for (int size : new int[] {64, 128, 512}) {
            int[] table = owners.redirection(size);
            for (int i = 0; i < 3_000; i++) {
                long remote = 0xFFFF_0000_0000L | Integer.toUnsignedLong(random.nextInt());
                long local = 0xFFFF_0A00_0001L;
                int port = random.nextInt(0x10000);
                int owner = owners.owner(random.nextLong(), 0, local, 0, remote, 80, port);
                assertEquals(table[hash.hash(0, remote, 0, local, port, 80) & (size - 1)], owner);
                counts[owner]++;
            }
        }
        for (int count : counts) {
            assertTrue(count > 2_500, () -> Arrays.toString(counts));
        }
    }

    @Test
    void shouldChooseByTheKeyedHashWithoutATable() {
        FlowOwners owners = FlowOwners.byKeyedHash(LCORES);
        assertEquals(FlowOwners.KEYED_HASH, owners.tableSize());
        for (int i = 0; i < 100; i++) {
            long hash = random.nextLong();
            assertEquals(owners.byHash(hash), owners.owner(hash, 1, 2, 3, 4, 5, 6));
        }
    }

    @Test
    void shouldRefuseTablesThatSomeLcoreWouldNotBeIn() {
        byte[] key = new byte[ToeplitzHash.KEY_LENGTH];
        assertThrows(IllegalArgumentException.class, () -> FlowOwners.byRedirection(key, 2, LCORES));
        assertThrows(IllegalArgumentException.class, () -> FlowOwners.byRedirection(key, 96, LCORES));
    }

    /** Each connection stays on its lcore, so the next engine computes what this one did, whatever its ports can do. */
    @Test
    void shouldOutliveTheEngine() {
        byte[] key;
        int[] before = new int[500];
        try (StateFile file = open(new Random(1))) {
            assertEquals(FlowOwners.KEYED_HASH, file.spread());
            file.spread(128);
            key = FlowOwners.redirectionKey(file, 52);
            assertArrayEquals(Arrays.copyOf(key, 40), FlowOwners.redirectionKey(file, 40));
            fill(FlowOwners.of(file), before);
        }
        try (StateFile file = open(new Random(2))) {
            assertEquals(128, file.spread());
            assertArrayEquals(key, FlowOwners.redirectionKey(file, 52));
            int[] after = new int[500];
            fill(FlowOwners.of(file), after);
            assertArrayEquals(before, after);
            file.spread(96);
            assertEquals(FlowOwners.KEYED_HASH, file.spread(), "what is no table is not taken");
            file.spread(2);
            assertEquals(FlowOwners.KEYED_HASH, file.spread());
            file.delete();
        }
        try (StateFile file = open(new Random(3))) {
            assertFalse(Arrays.equals(key, FlowOwners.redirectionKey(file, 52)), "secret, and another for a new file");
        }
    }

    private static void fill(FlowOwners owners, int[] chosen) {
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = owners.owner(i * 0x9E3779B97F4A7C15L, 0, 0xFFFF_0A00_0001L, 0, 0xFFFF_0A00_0002L, i, 80);
        }
    }
}
