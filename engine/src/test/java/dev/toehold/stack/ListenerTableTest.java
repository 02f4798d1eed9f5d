package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ListenerTableTest {
    private static final IpAddress V4 = IpAddress.parse("10.0.0.2");
    private static final IpAddress V6 = IpAddress.parse("fd00::2");

    private final ListenerTable table = new ListenerTable(8);

    private int add(IpAddress address, int port) {
        return table.add(1, 0, address.hi(), address.lo(), port, 4);
    }

    private int find(IpAddress address, int port) {
        return table.find(address.hi(), address.lo(), port);
    }

    @Test
    void shouldPreferExactThenFamilyThenBoth() {
        int both = add(IpAddress.UNSPECIFIED6, 80);
        assertEquals(both, find(V4, 80));
        assertEquals(both, find(V6, 80));
        int ipv4 = add(IpAddress.UNSPECIFIED4, 80);
        assertEquals(ipv4, find(V4, 80));
        assertEquals(both, find(V6, 80));
        int exact = add(V4, 80);
        assertEquals(exact, find(V4, 80));
        assertEquals(ipv4, find(IpAddress.parse("10.0.0.3"), 80));
        table.remove(both);
        assertEquals(ListenerTable.NONE, find(V6, 80));
        assertEquals(ListenerTable.NONE, find(V4, 81));
    }

    @Test
    void shouldBumpGenerationAndReuseSlotsFirstInFirstOut() {
        int first = add(V4, 1);
        int second = add(V4, 2);
        int generation = table.generation(first);
        table.remove(first);
        assertFalse(table.isInUse(first));
        assertNotEquals(generation, table.generation(first));
        table.remove(second);
        for (int i = 0; i < 6; i++) {
            add(V6, 100 + i);
        }
        assertEquals(first, add(V4, 3));
        assertEquals(second, add(V4, 4));
        assertEquals(ListenerTable.NONE, add(V4, 5));
    }

    @Test
    void shouldCountPendingAgainstBacklog() {
        int slot = table.add(1, 0, V4.hi(), V4.lo(), 80, 1);
        assertTrue(table.hasBacklog(slot));
        table.onPending(slot);
        assertFalse(table.hasBacklog(slot));
        table.onPendingEnded(slot);
        assertTrue(table.hasBacklog(slot));
    }

    @Test
    void shouldAgreeWithMapUnderRandomUse() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        Map<Integer, Integer> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            int port = random.nextInt(4) * 256 + random.nextInt(4);
            Integer slot = model.get(port);
            assertEquals(slot == null ? ListenerTable.NONE : slot, find(V6, port), () -> "seed=" + seed);
            if (slot != null) {
                table.remove(slot);
                model.remove(port);
            } else if (model.size() < table.capacity()) {
                model.put(port, add(V6, port));
            }
            assertEquals(model.size(), table.size());
        }
    }
}
