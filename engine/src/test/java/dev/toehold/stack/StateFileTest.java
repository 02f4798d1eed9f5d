package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Handle;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    private static final int MAX = 3000;

    @TempDir
    Path directory;

    private StateFile open() {
        return StateFile.open(directory, MAX, 2);
    }

    @Test
    void shouldRefuseASecondEngine() throws Exception {
        try (StateFile file = open()) {
            assertEquals(MAX, file.maxConnections());
            IllegalStateException refused = assertThrows(IllegalStateException.class, this::open);
            assertTrue(refused.getMessage().contains("belongs to a running engine"), refused::getMessage);
            assertEquals(1, refused.getMessage().lines().count());
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("state"))));
        }
        open().close();
    }

    @Test
    void shouldRefuseAFileThatIsSomethingElse() throws Exception {
        Files.writeString(directory.resolve("state"), "x".repeat(10_000));
        IllegalStateException refused = assertThrows(IllegalStateException.class, this::open);
        assertTrue(refused.getMessage().contains("is not a state file"), refused::getMessage);
    }

    @Test
    void shouldTakeOverWhatAnEngineLeft() {
        long epoch;
        long secret;
        long handle;
        List<ClaimRecords.Claim> claims = List.of(new ClaimRecords.Claim(0, 0xffff0a000002L, 24, "eth1"));
        try (StateFile file = open()) {
            epoch = file.epoch();
            secret = file.isnKey(1);
            new ClaimRecords(file).set(claims);
            MappedTcbStore store = new MappedTcbStore(file, 1);
            Tcb tcb = new Tcb(file.tcbs());
            store.allocate(tcb);
            store.publish(tcb, TcpState.ESTABLISHED);
            handle = LcoreStack.handle(tcb);
            store.allocate(tcb); // never published: no connection
        }
        try (StateFile file = open()) {
            assertEquals(1, file.abandonedCount());
            assertTrue(file.epoch() > epoch);
            assertEquals(secret, file.isnKey(1));
            assertEquals(claims, new ClaimRecords(file).owed());
            assertFalse(new MappedTcbStore(file, 1).wrap(new Tcb(file.tcbs()), handle));
        }
        try (StateFile other = StateFile.open(directory, 2 * MAX, 3)) {
            assertEquals(0, other.abandonedCount());
            assertEquals(secret, other.isnKey(1));
            assertEquals(claims, new ClaimRecords(other).owed());
        }
    }

    @Test
    void shouldTakeLittleStorageForFewConnections() throws Exception {
        try (StateFile file = StateFile.open(directory, 1_000_000, 1)) {
            MappedTcbStore store = new MappedTcbStore(file, 0);
            Tcb tcb = new Tcb(file.tcbs());
            for (int i = 0; i < 100_000; i++) {
                store.allocate(tcb);
                store.publish(tcb, TcpState.ESTABLISHED);
                store.free(tcb);
            }
            assertTrue(store.highWater() <= MappedTcbStore.QUARANTINE + 1, () -> "highWater=" + store.highWater());
        }
    }

    @Test
    void shouldNeverHandOutAHandleTwice() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        try (StateFile file = open()) {
            MappedTcbStore store = new MappedTcbStore(file, 0);
            Tcb tcb = new Tcb(file.tcbs());
            Set<Long> seen = new HashSet<>();
            ArrayDeque<Long> live = new ArrayDeque<>();
            for (int step = 0; step < 50_000; step++) {
                if (random.nextInt(3) > 0 && store.allocate(tcb) != MappedTcbStore.NONE) {
                    assertFalse(store.wrap(new Tcb(file.tcbs()), LcoreStack.handle(tcb)), "valid before publish");
                    store.publish(tcb, TcpState.SYN_RECEIVED);
                    long handle = LcoreStack.handle(tcb);
                    assertNotEquals(0, Handle.generation(handle));
                    assertTrue(seen.add(handle), () -> "seed=" + seed);
                    live.add(handle);
                } else if (!live.isEmpty()) {
                    long handle = random.nextBoolean() ? live.pollFirst() : live.pollLast();
                    assertTrue(store.wrap(tcb, handle));
                    store.free(tcb);
                    assertFalse(store.wrap(tcb, handle));
                }
                assertEquals(live.size(), store.liveCount());
            }
        }
    }
}
