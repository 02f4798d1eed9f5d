package dev.toehold.client;

import dev.toehold.abi.ControlBody;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a session has lent to the engine and lends to the next one, in the order of the first time. */
final class SessionMemory {
    private final List<Region> regions = new CopyOnWriteArrayList<>();
    private final List<ControlBody.Group> groups = new CopyOnWriteArrayList<>();

    void add(Region region) {
        regions.add(region);
    }

    void remove(Region region) {
        regions.remove(region);
    }

    void add(ControlBody.Group group) {
        groups.add(group);
    }

    List<Region> regions() {
        return regions;
    }

    List<ControlBody.Group> groups() {
        return groups;
    }
}
