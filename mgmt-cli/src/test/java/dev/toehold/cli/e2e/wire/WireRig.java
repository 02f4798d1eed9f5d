package dev.toehold.cli.e2e.wire;

import dev.toehold.cli.e2e.EngineRig;
import dev.toehold.cli.e2e.Parallel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** An engine process, a client process for each service that the class asks for, and the raw wire to them. */
final class WireRig implements BeforeAllCallback, AfterAllCallback, TestWatcher {
    static final int ECHO = 7;
    static final int DISCARD = 9;
    static final int DAYTIME = 13;
    static final int CHARGEN = 19;

    static final int PROMPT_ECHO = 1007;

    /** Nobody listens there. */
    static final int CLOSED = 21;

    private static final long READY_SECONDS = 120;
    private static final int WARM_UP_BYTES = 200_000;

    private final List<String> services;
    private final List<String> settings = new ArrayList<>(List.of("lcores = []", "[tcp]"));

    private EngineRig engine;
    private RawWire wire;

    WireRig(String... services) {
        this.services = List.of(services);
    }

    /** Beside the other one, an echo that holds no small segment back. */
    void servePromptly() throws Exception {
        engine.serve("echo", PROMPT_ECHO, "--no-delay", "--no-rehearsal");
    }

    /** A line of the table [tcp]. */
    WireRig with(String setting) {
        settings.add(setting);
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        engine = new EngineRig(settings.toArray(String[]::new));
        engine.beforeAll(context);
        Parallel.run(services.size(), READY_SECONDS, i -> engine.serve(services.get(i), port(services.get(i))));
        wire = engine.keep(RawWire.open(engine.network()));
        // Both sides know each other's link-layer address from here on: no test waits for it.
        for (boolean isIpv6 : new boolean[] {false, true}) {
            try (Flow flow = flow(isIpv6, CLOSED)) {
                flow.make(Segment.SYN).send();
                flow.nextReset();
            }
            if (services.contains("chargen")) {
                try (Flow flow = flow(isIpv6, CHARGEN)) {
                    flow.open().readText(WARM_UP_BYTES);
                }
            }
        }
    }

    private static int port(String service) {
        return switch (service) {
            case "echo" -> ECHO;
            case "discard" -> DISCARD;
            case "daytime" -> DAYTIME;
            case "chargen" -> CHARGEN;
            default -> throw new IllegalArgumentException(service);
        };
    }

    @Override
    public void afterAll(ExtensionContext context) {
        engine.afterAll(context);
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        engine.testFailed(context, cause);
    }

    /** Where clients of the engine attach. */
    Path socket() {
        return engine.socket();
    }

    RawWire wire() {
        return wire;
    }

    Flow flow(boolean isIpv6, int port) {
        return new Flow(wire, isIpv6, port);
    }

    /** With an initial sequence number of the test's choice. */
    Flow flow(boolean isIpv6, int port, int iss) {
        return new Flow(wire, isIpv6, port, Flow.nextPort(), iss);
    }
}
