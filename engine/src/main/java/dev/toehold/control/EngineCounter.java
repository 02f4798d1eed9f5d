package dev.toehold.control;

import dev.toehold.placement.PlacementCounters;
import dev.toehold.session.LcoreSessions;
import java.util.Map;
import java.util.function.ToLongFunction;

/** The counters of sessions and placement: one place for name, unit, meaning and where the value comes from. */
@SuppressWarnings("ImmutableEnumChecker") // a record of strings and a method without state
public enum EngineCounter {
    PLACEMENT_BYTES("placement.bytes", "bytes", "placed into client memory", EngineCounter::placed),
    PLACEMENT_DIRECT_BYTES(
            "placement.direct.bytes", "bytes", "of these into posted RECEIVEs", s -> placement(s).directBytes),
    PLACEMENT_PROVIDED_BYTES(
            "placement.provided.bytes", "bytes", "of these into provided buffers", s -> placement(s).providedBytes),
    PLACEMENT_MOVED_BYTES(
            "placement.moved.bytes",
            "bytes",
            "moved once more by the engine: always 0",
            s -> PlacementCounters.MOVED_BYTES),
    PLACEMENT_COPIED_CPU_BYTES(
            "placement.copied.cpu.bytes", "bytes", "placed by the CPU", s -> placement(s).cpuCopiedBytes),
    PLACEMENT_COPIED_ENGINE_BYTES(
            "placement.copied.engine.bytes", "bytes", "placed by a copy engine", s -> placement(s).engineCopiedBytes),
    PLACEMENT_COPY_FAILURES(
            "placement.copy.failures",
            "count",
            "copies that the copy engine failed at and the CPU made",
            s -> placement(s).engineCopyFailures),
    PLACEMENT_READ_BYTES(
            "placement.read.bytes", "bytes", "read from client memory to send", s -> placement(s).readBytes),
    PLACEMENT_NO_BUFFER(
            "placement.no.buffer", "count", "segments that found no provided buffer", s -> placement(s).noBuffer),
    PLACEMENT_NO_SLOT("placement.no.slot", "count", "segments without a completion slot", s -> placement(s).noSlot),
    PLACEMENT_BUFFERS_BOUND(
            "placement.buffers.bound", "count", "provided buffers bound to a stream", s -> placement(s).boundBuffers),
    CLIENT_COPIED_BYTES(
            "client.copied.bytes", "bytes", "copied by client libraries, as they say", LcoreSessions::copiedBytes),
    SESSION_SUBMISSIONS("session.submissions", "count", "submissions taken", s -> s.counters().submissions),
    SESSION_REFUSED("session.refused", "count", "submissions and buffers refused", s -> s.counters().refused),
    SESSION_BUFFERS_LENT("session.buffers.lent", "count", "buffer entries taken", s -> s.counters().buffersLent),
    SESSION_WAKEUPS("session.client.wakeups", "count", "clients woken by eventfd", s -> s.counters().clientWakeups),
    SESSION_EARLY_WAKEUPS(
            "session.client.wakeups.early",
            "count",
            "clients woken before their packets were looked at",
            s -> s.counters().earlyWakeups),
    SESSION_DEFERRED(
            "session.deferred.events", "count", "events that waited for a slot", s -> s.counters().deferredEvents),
    SESSION_NOT_ADMITTED(
            "session.not.admitted", "count", "SYNs without credit, slot or quota", s -> s.counters().notAdmitted),
    SESSION_BAD_INDEXES(
            "session.bad.indexes", "count", "sessions ended for a ring counter", s -> s.counters().badIndexes),
    SESSION_DOORBELL_FLOODS(
            "session.doorbell.floods",
            "count",
            "sessions ended for ringing for nothing",
            s -> s.counters().doorbellFloods),
    POLICY_LISTEN_DENIED(
            "policy.listen.denied", "count", "LISTENs and local TCP ports not allowed", s -> s.counters().listenDenied),
    POLICY_CONNECT_DENIED("policy.connect.denied", "count", "CONNECTs not allowed", s -> s.counters().connectDenied),
    POLICY_CONNECTIONS_LIMIT(
            "policy.connections.limit", "count", "connections, listeners beyond quota", s -> s.counters().quotaRefused),
    POLICY_THROTTLED(
            "policy.submissions.throttled",
            "count",
            "times a session waited for its rate",
            s -> s.counters().throttled),
    SESSION_REGION_FAULTS(
            "session.region.faults", "count", "sessions ended for a memory fault", s -> s.counters().regionFaults),
    SESSION_ORPHANS_RESET(
            "session.orphans.reset", "count", "connections reset with their session", s -> s.counters().orphansReset),
    SESSION_LINGER_TIMEOUTS(
            "session.linger.timeouts", "count", "closed connections given up", s -> s.counters().lingerTimeouts);

    private final CounterDescriptor descriptor;
    private final ToLongFunction<LcoreSessions> value;

    EngineCounter(String name, String unit, String meaning, ToLongFunction<LcoreSessions> value) {
        this.descriptor = new CounterDescriptor(name, unit, meaning, Map.of(), false, CounterDescriptor.EVERY_LCORE);
        this.value = value;
    }

    public CounterDescriptor descriptor() {
        return descriptor;
    }

    /** On the lcore's thread. */
    long read(LcoreSessions sessions) {
        return value.applyAsLong(sessions);
    }

    private static PlacementCounters placement(LcoreSessions sessions) {
        return sessions.placementCounters();
    }

    private static long placed(LcoreSessions sessions) {
        return placement(sessions).directBytes + placement(sessions).providedBytes;
    }
}
