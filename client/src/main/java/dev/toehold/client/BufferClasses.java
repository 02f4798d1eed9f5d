package dev.toehold.client;

import dev.toehold.abi.ControlBody;
import java.io.IOException;

/**
 * Cuts the receive memory of a session into buffers of three sizes, so that small messages do not pin large buffers, and
 * deals them out to the lanes.
 */
final class BufferClasses {
    private static final int SMALL = 2 << 10;
    private static final int MEDIUM = 16 << 10;
    private static final int LARGE = 64 << 10;
    private static final int MAX_SMALL_PER_LANE = 768;
    private static final int MAX_MEDIUM_PER_LANE = 512;
    private static final int MAX_COUNT = 1 << 16;

    private BufferClasses() {}

    static void declare(Session session, long totalBytes) throws IOException {
        int lanes = session.lanes().size();
        long smallCount = clamp(totalBytes / 4 / SMALL, lanes, (long) MAX_SMALL_PER_LANE * lanes);
        long rest = totalBytes - smallCount * SMALL;
        long mediumCount = clamp(rest / MEDIUM, 0, (long) MAX_MEDIUM_PER_LANE * lanes);
        rest -= mediumCount * MEDIUM;
        long largeCount = clamp(rest / LARGE, 0, MAX_COUNT);
        Region region = session.register(smallCount * SMALL + mediumCount * MEDIUM + largeCount * LARGE);
        long base = add(session, region, 0, 0, SMALL, smallCount);
        base = add(session, region, 1, base, MEDIUM, mediumCount);
        add(session, region, 2, base, LARGE, largeCount);
    }

    private static long add(Session session, Region region, int group, long base, int size, long count)
            throws IOException {
        if (count == 0) {
            return base;
        }
        session.declare(new ControlBody.Group(group, region.id(), base, size, (int) count));
        BufferGroup declared = new BufferGroup(group, region.id(), region.memory(), base, size, (int) count);
        int lanes = session.lanes().size();
        for (int i = 0; i < lanes; i++) {
            Lane lane = session.lanes().get(i);
            lane.lock();
            try {
                lane.core().buffers().add(declared, i, lanes);
                lane.core().queuePair().requestDoorbell();
            } finally {
                lane.unlock();
            }
        }
        return base + size * count;
    }

    private static long clamp(long value, long min, long max) {
        return Math.max(min, Math.min(Math.min(value, max), MAX_COUNT));
    }
}
