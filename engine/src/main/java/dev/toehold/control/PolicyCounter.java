package dev.toehold.control;

import java.util.Arrays;
import java.util.List;

/** What the control thread refuses by policy or quota; in the counters file behind those of the lcores, in the engine's own block. */
@SuppressWarnings("ImmutableEnumChecker") // a record of strings
public enum PolicyCounter {
    ATTACH_DENIED("policy.attach.denied", "sockets and sessions refused: not allowed to attach"),
    ADMIN_DENIED("policy.admin.denied", "requests refused: not allowed to manage"),
    TAKEOVER_DENIED("policy.takeover.denied", "sessions of earlier engines refused to another user"),
    HUGE_PAGES_DENIED("policy.huge.pages.denied", "regions refused for lying in huge pages"),
    SESSIONS_LIMIT("policy.sessions.limit", "sessions refused for their number"),
    REGION_BYTES_LIMIT("policy.region.bytes.limit", "regions refused for the bytes of their session");

    private final CounterDescriptor descriptor;

    PolicyCounter(String name, String meaning) {
        descriptor = CounterDescriptor.ofEngine(name, meaning);
    }

    /** All, in their order. */
    public static List<CounterDescriptor> descriptors() {
        return Arrays.stream(values()).map(counter -> counter.descriptor).toList();
    }

    /** One more. On the control thread alone. */
    void increment(Counters counters) {
        int index = counters.indexOf(descriptor.name());
        int block = counters.blocks() - 1;
        counters.set(block, index, counters.get(block, index) + 1);
    }
}
