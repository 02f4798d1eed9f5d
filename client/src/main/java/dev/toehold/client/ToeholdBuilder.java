package dev.toehold.client;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** How to attach; made by {@link Toehold#builder}. Everything has a default. */
public final class ToeholdBuilder {
    static final long MAX_BUFFER_BYTES = 1L << 36;

    Path socket;
    String name = "java-" + ProcessHandle.current().pid();
    long receiveBufferBytes = 8L << 20;
    int receiveCreditBytes = 4 << 20;
    long sendBufferBytes = 4L << 20;
    long requiredCapabilities;
    Duration patience = Duration.ofSeconds(10);
    Duration resumeFor = Duration.ofSeconds(60);
    boolean polled;

    ToeholdBuilder() {}

    /** Control socket of the engine. Default: environment variable TOEHOLD_SOCKET, else the only engine in /run/toehold. */
    public ToeholdBuilder socket(Path path) {
        socket = path;
        return this;
    }

    /** What `toehold clients` shows; at most 255 bytes of UTF-8. Default: java- and the process id. */
    public ToeholdBuilder name(String sessionName) {
        name = sessionName;
        return this;
    }

    /**
     * Memory for bytes that come before anybody asks for them (what streams read), shared by all connections; 0 to 64 GiB.
     * Default 8 MiB. 0 = {@link #explicitWindow}.
     */
    public ToeholdBuilder receiveBufferBytes(long bytes) {
        receiveBufferBytes = check("receiveBufferBytes", bytes, 0, MAX_BUFFER_BYTES);
        return this;
    }

    /**
     * Explicit window mode for all connections: a peer may send only what RECEIVEs ask for, which is thus placed and never copied; nothing
     * posted, no window. There are no provided buffers and no input streams.
     */
    public ToeholdBuilder explicitWindow() {
        return receiveBufferBytes(0);
    }

    /**
     * How far at most a peer may send ahead of what the application has read, per connection: 0, or 4 KiB to 1 GiB. Default 4 MiB. Within
     * it the window follows how fast the application reads, and what {@link #receiveBufferBytes} can hold for all connections.
     * 0 = explicit window mode until {@link Connection#setReceiveCredit} says otherwise for a connection.
     */
    public ToeholdBuilder receiveCreditBytes(int bytes) {
        receiveCreditBytes = bytes == 0 ? 0 : (int) check("receiveCreditBytes", bytes, 4 << 10, 1 << 30);
        return this;
    }

    /** Memory for what output streams have written and peers have not acknowledged, shared: 64 KiB to 64 GiB. Default 4 MiB. */
    public ToeholdBuilder sendBufferBytes(long bytes) {
        sendBufferBytes = check("sendBufferBytes", bytes, 64 << 10, MAX_BUFFER_BYTES);
        return this;
    }

    /** Bits of {@link dev.toehold.abi.Capability} without which the program cannot run: else it is refused at once. */
    public ToeholdBuilder require(long capabilities) {
        requiredCapabilities = capabilities;
        return this;
    }

    /** How long the engine may take to answer a request of the control socket. Default 10 s. */
    public ToeholdBuilder patience(Duration longest) {
        if (longest.isNegative() || longest.isZero()) {
            throw new IllegalArgumentException("patience=" + longest + ", allowed: more than 0");
        }
        patience = longest;
        return this;
    }

    /**
     * How long to look for the next engine after this one died. If one comes in time it takes everything up where it was: connections,
     * listeners, what was submitted; whoever waits goes on waiting. Default 60 s; zero = never, everything ends with the engine.
     */
    public ToeholdBuilder resumeFor(Duration longest) {
        if (longest.isNegative()) {
            throw new IllegalArgumentException("resumeFor=" + longest + ", allowed: 0 or more");
        }
        resumeFor = longest;
        return this;
    }

    /** No thread of its own: one thread of the program calls {@link Toehold#poll} and everything else. */
    public ToeholdBuilder polled() {
        polled = true;
        return this;
    }

    /**
     * Attaches.
     *
     * @throws IOException if there is no engine, or it refuses: the message says why and what to do
     */
    public Toehold connect() throws IOException {
        return new Toehold(Session.attach(this));
    }

    private static long check(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + "=" + value + ", allowed: " + min + " .. " + max);
        }
        return value;
    }
}
