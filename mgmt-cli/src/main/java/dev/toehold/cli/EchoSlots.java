package dev.toehold.cli;

import dev.toehold.client.Location;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.util.ArrayDeque;

/** Registered memory in equal sets of slots, a set a connection; it grows with the connections and is used again. */
final class EchoSlots {
    static final int SLOTS = 4;
    static final int SLOT_LENGTH = 8 << 10;

    /** A session can register only so many regions. */
    private static final int MOST_REGIONS = 16;

    private static final int FEWEST_SETS_PER_REGION = 64;

    private final ArrayDeque<Location[]> free = new ArrayDeque<>();
    private final Toehold toehold;
    private final int setsPerRegion;

    EchoSlots(Toehold toehold, int maxConnections) {
        this.toehold = toehold;
        setsPerRegion = Math.max(Math.ceilDiv(maxConnections, MOST_REGIONS), FEWEST_SETS_PER_REGION);
    }

    Location[] take() throws IOException {
        if (free.isEmpty()) {
            grow();
        }
        return free.pop();
    }

    void giveBack(Location[] set) {
        free.push(set);
    }

    private void grow() throws IOException {
        Region region = toehold.register((long) setsPerRegion * SLOTS * SLOT_LENGTH);
        long offset = 0;
        for (int i = 0; i < setsPerRegion; i++) {
            Location[] set = new Location[SLOTS];
            for (int j = 0; j < SLOTS; j++, offset += SLOT_LENGTH) {
                set[j] = region.location(offset, SLOT_LENGTH);
            }
            free.add(set);
        }
    }
}
