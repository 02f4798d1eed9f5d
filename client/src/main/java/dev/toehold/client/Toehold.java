package dev.toehold.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A session with the engine of this host: from it come connections, listeners and memory. Any thread may use it; one per
 * process is enough.
 *
 * <pre>{@code
 * try (Toehold toehold = Toehold.connect();
 *         Connection connection = toehold.open(new InetSocketAddress("10.0.0.1", 80))) {
 *     connection.outputStream().write(request);
 *     byte[] response = connection.inputStream().readAllBytes();
 * }
 * }</pre>
 *
 * If the engine goes away, every connection ends with a {@link ToeholdException} of code ENGINE_GONE; attach anew then.
 */
public final class Toehold implements AutoCloseable {
    /** Connections per lcore that may wait to be accepted, if the program does not say. */
    public static final int DEFAULT_BACKLOG = 256;

    private static final int MAX_BACKLOG = 1 << 16;
    private static final int POLLS_PER_CONTROL = 256;

    private final Session session;
    private int idlePolls;

    Toehold(Session session) {
        this.session = session;
    }

    /**
     * Attaches to the engine that the environment variable TOEHOLD_SOCKET names, else to the only one that runs.
     *
     * @throws IOException if there is none or several, or it refuses
     */
    public static Toehold connect() throws IOException {
        return builder().connect();
    }

    /** Attaches to the engine with this control socket. */
    public static Toehold connect(Path socket) throws IOException {
        return builder().socket(socket).connect();
    }

    public static ToeholdBuilder builder() {
        return new ToeholdBuilder();
    }

    /** Opens a connection; the engine's own time-out applies. */
    public Connection open(InetSocketAddress remote) throws IOException {
        return open(remote, 0, Duration.ZERO);
    }

    /** Opens a connection within a time. */
    public Connection open(InetSocketAddress remote, Duration timeout) throws IOException {
        return open(remote, 0, timeout);
    }

    /**
     * Opens a connection.
     *
     * @param localPort TCP port of this side, 0 = the engine chooses
     * @param timeout up to 24 days; zero = the engine's default
     * @throws java.net.ConnectException if nobody listens there
     * @throws java.net.SocketTimeoutException if the peer does not answer in time
     * @throws java.net.NoRouteToHostException if there is no way there
     */
    public Connection open(InetSocketAddress remote, int localPort, Duration timeout) throws IOException {
        return open(remote, -1, localPort, timeout);
    }

    /**
     * Opens a connection from a local address: for an engine that has several.
     *
     * @param local one of {@link #addresses}, or the wildcard address: the engine chooses; its TCP port may be 0
     * @param timeout as in {@link #open(InetSocketAddress, int, Duration)}
     * @throws java.net.NoRouteToHostException also if the local address is of another family or network port than the way there
     */
    public Connection open(InetSocketAddress remote, InetSocketAddress local, Duration timeout) throws IOException {
        session.check();
        Endpoints.checkResolved(local);
        int index = addresses().indexOf(local.getAddress());
        if (index < 0 && !local.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException("local=" + local + ", allowed: " + addresses() + " or the wildcard");
        }
        return open(remote, index, local.getPort(), timeout);
    }

    private Connection open(InetSocketAddress remote, int localAddress, int localPort, Duration timeout)
            throws IOException {
        session.check();
        Endpoints.checkResolved(remote);
        checkPort("remotePort", remote.getPort(), 1);
        checkPort("localPort", localPort, 0);
        if (timeout.isNegative() || timeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("timeout=" + timeout + ", allowed: 0 .. " + Integer.MAX_VALUE + " ms");
        }
        int timeoutMs = timeout.isZero() ? 0 : Math.max((int) timeout.toMillis(), 1);
        return new ConnectRequest(session.nextLane(), remote).connect(localAddress, localPort, timeoutMs);
    }

    /** Listens with {@link #DEFAULT_BACKLOG}. */
    public Listener listen(InetSocketAddress local) throws IOException {
        return listen(local, DEFAULT_BACKLOG);
    }

    /**
     * Listens on one address of the engine, or with the wildcard address on all of both families.
     *
     * @param local TCP port 1 .. 65,535
     * @param backlog connections per lcore that may wait to be accepted, 1 .. 65,536
     * @throws java.net.BindException if another listener has the address and port
     */
    public Listener listen(InetSocketAddress local, int backlog) throws IOException {
        session.check();
        Endpoints.checkResolved(local);
        checkPort("localPort", local.getPort(), 1);
        if (backlog < 1 || backlog > MAX_BACKLOG) {
            throw new IllegalArgumentException("backlog=" + backlog + ", allowed: 1 .. " + MAX_BACKLOG);
        }
        Listener listener = new Listener(session, local, backlog);
        listener.start();
        return listener;
    }

    private static void checkPort(String key, int port, int min) {
        if (port < min || port > 65_535) {
            throw new IllegalArgumentException(key + "=" + port + ", allowed: " + min + " .. 65535");
        }
    }

    /**
     * Makes memory that the engine may place bytes in and send from.
     *
     * @param sizeBytes within what the engine allows, {@link Adapter#maxRegionBytes}
     */
    public Region register(long sizeBytes) throws IOException {
        session.check();
        return session.register(sizeBytes);
    }

    /** What the engine and its port can do. */
    public Adapter adapter() {
        return session.adapter();
    }

    public String engineName() {
        return session.adapter().engineName();
    }

    /** The engine's own addresses. */
    public List<InetAddress> addresses() {
        return session.adapter().addresses();
    }

    /** Largest IP packet of the engine's port, in bytes. */
    public int mtu() {
        return session.adapter().mtu();
    }

    /**
     * Handles what the engine has said since the last call, without waiting; handlers run in here. For a session that the
     * builder made {@code polled()}.
     *
     * @return how much there was to do
     */
    public int poll() {
        checkPolled();
        int work = session.pollOnce();
        idlePolls = work > 0 ? 0 : idlePolls + 1;
        return idlePolls < POLLS_PER_CONTROL ? work : poll(Duration.ZERO);
    }

    /** Like {@link #poll}, but waits at most that long for something to do. */
    public int poll(Duration longest) {
        checkPolled();
        idlePolls = 0;
        return session.pollBlocking(longest.toNanos());
    }

    private void checkPolled() {
        if (!session.isPolled()) {
            throw new IllegalStateException("this session has a thread that polls; ask the builder for polled()");
        }
    }

    /**
     * Ends the session: closes every connection in good order (what was written is still sent by the engine), every listener
     * and every region. Blocked callers get an exception.
     */
    @Override
    public void close() {
        session.close();
    }

    @Override
    public String toString() {
        return "session with engine " + engineName();
    }
}
