package dev.toehold.perf.peer;

import dev.toehold.client.Location;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.util.ArrayDeque;

/** Registered memory, cut into equal sets of slots, one set a connection. */
final class SlotPool {
    private final ArrayDeque<Location[]> free = new ArrayDeque<>();

    SlotPool(Toehold toehold, int sets, int slots, int slotLength) throws IOException {
        Region region = toehold.register((long) sets * slots * slotLength);
        long offset = 0;
        for (int i = 0; i < sets; i++) {
            Location[] set = new Location[slots];
            for (int j = 0; j < slots; j++) {
                set[j] = region.location(offset, slotLength);
                offset += slotLength;
            }
            free.add(set);
        }
    }

    Location[] take() {
        Location[] set = free.poll();
        if (set == null) {
            throw new IllegalStateException("more connections than this server has memory for");
        }
        return set;
    }

    void giveBack(Location[] set) {
        free.add(set);
    }
}
