package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Handle;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpState;
import java.io.RandomAccessFile;
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
        return StateFile.open(directory, MAX, 2, StateFile.Leftovers.REFUSE);
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
        long live;
        long freed;
        List<ClaimRecords.Claim> claims = List.of(new ClaimRecords.Claim(0, 0xffff0a000002L, 24, "eth1"));
        try (StateFile file = open()) {
            epoch = file.epoch();
            secret = file.isnKey(1);
            new ClaimRecords(file).set(claims);
            assertEquals(0, new SessionRecords(file).open(7, 1000, 0x1234, 0x5678));
            MappedTcbStore store = new MappedTcbStore(file, 1);
            Tcb tcb = new Tcb(file.tcbs());
            store.allocate(tcb);
            store.publish(tcb, TcpState.ESTABLISHED);
            live = LcoreStack.handle(tcb);
            store.allocate(tcb); // never published: no connection
            store.allocate(tcb);
            store.publish(tcb, TcpState.ESTABLISHED);
            freed = LcoreStack.handle(tcb);
            tcb.stateRelease(TcpState.FREE); // died within free
        }
        try (StateFile file = open()) {
            assertEquals("", file.abandoned());
            assertEquals(1, file.liveCount());
            assertTrue(file.epoch() > epoch);
            assertEquals(secret, file.isnKey(1));
            assertEquals(claims, new ClaimRecords(file).owed());
            assertEquals(List.of(new SessionRecords.Entry(0, 7, 1000, 0x1234, 0x5678)), new SessionRecords(file).all());
            MappedTcbStore store = new MappedTcbStore(file, 1);
            Tcb tcb = new Tcb(file.tcbs());
            assertEquals(1, store.liveCount());
            assertTrue(store.wrap(tcb, live));
            for (int i = 0; i < 3; i++) {
                store.allocate(tcb);
                store.publish(tcb, TcpState.ESTABLISHED);
                assertNotEquals(live, LcoreStack.handle(tcb));
                assertNotEquals(freed, LcoreStack.handle(tcb));
            }
        }
    }

    @Test
    void shouldRefuseConnectionsThatItCannotResumeUnlessToldTo() {
        try (StateFile file = open()) {
            publishOne(file);
        }
        for (int[] size : new int[][] {{2 * MAX, 2}, {MAX, 3}}) {
            IllegalStateException refused = assertThrows(
                    IllegalStateException.class,
                    () -> StateFile.open(directory, size[0], size[1], StateFile.Leftovers.REFUSE));
            assertTrue(refused.getMessage().contains("holds 1 connections"), refused::getMessage);
            assertTrue(refused.getMessage().contains("set "), refused::getMessage);
            assertTrue(refused.getMessage().contains("--abandon-connections"), refused::getMessage);
        }
        long secret;
        try (StateFile file = open()) {
            assertEquals(1, file.liveCount());
            secret = file.isnKey(0);
        }
        try (StateFile file = StateFile.open(directory, MAX, 3, StateFile.Leftovers.ABANDON)) {
            assertEquals(0, file.liveCount());
            assertTrue(file.abandoned().contains("lcores"), file::abandoned);
            assertEquals(secret, file.isnKey(0));
        }
    }

    @Test
    void shouldAbandonWhatCouldBeResumedWhenToldTo() {
        try (StateFile file = open()) {
            publishOne(file);
            new SessionRecords(file).open(1, 0, 1, 1);
        }
        try (StateFile file = StateFile.open(directory, MAX, 2, StateFile.Leftovers.ABANDON)) {
            assertEquals(0, file.liveCount());
            assertTrue(file.abandoned().contains("held 1 connections"), file::abandoned);
            assertEquals(List.of(), new SessionRecords(file).all());
        }
    }

    @Test
    void shouldGiveUpConnectionsOfAnEarlierBoot() throws Exception {
        try (StateFile file = open()) {
            publishOne(file);
        }
        overwrite(StateFileDescriptor.BOOT_ID_OFFSET, 0x1122_3344_5566_7788L);
        try (StateFile file = open()) {
            assertTrue(file.abandoned().contains("earlier boot"), file::abandoned);
            assertEquals(0, file.liveCount());
        }
    }

    @Test
    void shouldRefuseAnotherLayoutVersionOfThisBoot() throws Exception {
        open().close();
        overwrite(StateFileDescriptor.MAGIC_OFFSET + Long.BYTES, 512L << 32 | 999);
        IllegalStateException refused = assertThrows(IllegalStateException.class, this::open);
        assertTrue(refused.getMessage().contains("layout version 999"), refused::getMessage);
        try (StateFile file = StateFile.open(directory, MAX, 2, StateFile.Leftovers.ABANDON)) {
            assertEquals(0, file.liveCount());
        }
        open().close();
    }

    private static void publishOne(StateFile file) {
        MappedTcbStore store = new MappedTcbStore(file, 0);
        Tcb tcb = new Tcb(file.tcbs());
        store.allocate(tcb);
        store.publish(tcb, TcpState.ESTABLISHED);
    }

    private void overwrite(int offset, long value) throws Exception {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve(StateFile.FILE_NAME).toFile(), "rw")) {
            file.seek(offset);
            file.writeLong(Long.reverseBytes(value));
        }
    }

    @Test
    void shouldBringListenersBackToTheirSlots() {
        long handle;
        try (StateFile file = open()) {
            ListenerTable table = new ListenerTable(16);
            ListenerRecords records = new ListenerRecords(file.listeners(1));
            for (int port = 1; port <= 5; port++) {
                records.open(table.add(3, 100 + port, 0, 0, port, 7), table);
            }
            table.remove(1);
            records.close(1, table.generation(1));
            handle = Handle.of(1, table.generation(1) - 1, 1);
        }
        try (StateFile file = open()) {
            ListenerTable table = new ListenerTable(16);
            new ListenerRecords(file.listeners(1)).restore(table);
            assertEquals(4, table.size());
            int slot = table.find(0, 1, 4);
            assertEquals(3, slot);
            assertEquals(3, table.sessionId(slot));
            assertEquals(104, table.userData(slot));
            assertEquals(7, table.backlog(slot));
            assertEquals(ListenerTable.NONE, table.find(0, 1, 2));
            Set<Integer> slots = new HashSet<>();
            for (int i = 0; i < 12; i++) {
                int added = table.add(4, 0, 0, 0, 1000 + i, 1);
                assertTrue(slots.add(added) && added != 0 && added != 2 && added != 3 && added != 4, "slot " + added);
                assertNotEquals(handle, Handle.of(1, table.generation(added), added));
            }
            assertEquals(ListenerTable.NONE, table.add(4, 0, 0, 0, 2000, 1));
        }
    }

    @Test
    void shouldTakeLittleStorageForFewConnections() throws Exception {
        try (StateFile file = StateFile.open(directory, 1_000_000, 1, StateFile.Leftovers.REFUSE)) {
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
