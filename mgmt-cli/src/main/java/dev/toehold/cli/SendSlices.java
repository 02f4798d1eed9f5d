package dev.toehold.cli;

import dev.toehold.client.Location;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A region in equal slices, shared by all connections of a server; who finds none sends another way. */
final class SendSlices {
    private static final int SLICE_BYTES = 256 << 10;
    private static final int COUNT = 64;

    private final ConcurrentLinkedQueue<Location> free = new ConcurrentLinkedQueue<>();

    private SendSlices(Region region) {
        for (int i = 0; i < COUNT; i++) {
            free.add(region.location((long) i * SLICE_BYTES, SLICE_BYTES));
        }
    }

    /** Registers the region, which lives as long as the session. */
    static SendSlices register(Toehold toehold) throws IOException {
        return new SendSlices(toehold.register((long) COUNT * SLICE_BYTES));
    }

    /** A slice, or null if all are in use. */
    Location tryTake() {
        return free.poll();
    }

    void giveBack(Location slice) {
        free.add(slice);
    }
}
