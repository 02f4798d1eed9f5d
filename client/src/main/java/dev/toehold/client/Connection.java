package dev.toehold.client;

import dev.toehold.abi.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A TCP connection that the engine keeps. Any thread may call any method.
 *
 * <p>Three ways to use it, which mix: blocking ({@link #inputStream}, {@link #outputStream}, {@link #receive}, {@link #send},
 * {@link #readInto}), which park the caller and suit virtual threads; futures ({@link #receiveAsync}, {@link #sendAsync}); and
 * offers with a {@link ConnectionHandler}, which never wait and allocate nothing.
 *
 * <p>{@code receive} and {@code send} name memory of a {@link Region}: received bytes are placed right there, sent bytes are
 * taken from there. Until such an operation completes its memory is the engine's. Streams and {@code readInto} copy
 * once more, which {@code toehold counters} shows as client.copied.bytes.
 */
public final class Connection implements AutoCloseable {
    private final Lane lane;
    private final ConnectionCore core;
    private final InetSocketAddress remoteAddress;
    private final InetSocketAddress localAddress;
    private final ConnectionInputStream input;
    private final ConnectionOutputStream output;
    private final ConnectionWaits waits;
    private final ConnectionOutcomes outcomes;
    private final DirectReceive receives;
    private final DirectSend sends;
    private final InPlaceReading inPlace;
    private final ConnectionState state;

    Connection(Lane lane, ConnectionCore core, InetSocketAddress remoteAddress, InetSocketAddress localAddress) {
        this.lane = lane;
        this.core = core;
        this.remoteAddress = remoteAddress;
        this.localAddress = localAddress;
        waits = new ConnectionWaits(lane, this);
        input = new ConnectionInputStream(this, waits);
        output = new ConnectionOutputStream(this, waits);
        outcomes = new ConnectionOutcomes(this, waits, output);
        receives = new DirectReceive(this, waits);
        sends = new DirectSend(this, waits);
        inPlace = new InPlaceReading(lane, core);
        state = new ConnectionState(lane, core);
        core.setUser(outcomes);
    }

    /** The engine's name of this connection, as in {@code toehold connections}. */
    public long id() {
        return core.handle();
    }

    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    public InetSocketAddress localAddress() {
        return localAddress;
    }

    Lane lane() {
        return lane;
    }

    ConnectionCore core() {
        return core;
    }

    /** Who is told of completions, for the offer methods. What can be seen already is told soon. */
    public void setHandler(ConnectionHandler user) {
        lane.lock();
        try {
            outcomes.handler(user);
            if (user != null) {
                core.setUser(outcomes);
            }
        } finally {
            lane.unlock();
        }
    }

    /** Longest time that {@code read}, {@code readInto} and {@code receive} wait for bytes. Zero, the default: for ever. */
    public void setReadTimeout(Duration timeout) {
        waits.readTimeout(timeout);
    }

    /**
     * Longest time that a {@code write} of the output stream, {@code send}, {@code flush} and {@code setOption} wait; then they
     * throw {@link SocketTimeoutException}, whose {@code bytesTransferred} says how many bytes of a {@code write} were submitted. The
     * connection lives on. Zero, the default: for ever.
     */
    public void setWriteTimeout(Duration timeout) {
        waits.writeTimeout(timeout);
    }

    /**
     * How far at most the peer may send ahead of what the application has read, in bytes: opens the window for provided buffers, within
     * what {@link ToeholdBuilder#receiveBufferBytes} can hold for all connections. 0 is explicit mode: from then on the window opens for posted RECEIVEs
     * only. The window never retracts, so bytes that were allowed before may still come to provided buffers.
     *
     * @throws IllegalStateException if the session has no provided buffers and bytes is not 0
     */
    public void setReceiveCredit(int bytes) throws IOException {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes=" + bytes + ", allowed: 0 (explicit mode) or more");
        }
        if (bytes > 0) {
            checkProvidedBuffers();
        }
        setOption(Option.RECEIVE_CREDIT, bytes);
        state.receiveCredit(bytes);
    }

    /**
     * Received bytes as a stream: the blocking way to read. Closing it closes the connection.
     *
     * @throws IllegalStateException if the session has no provided buffers
     */
    public InputStream inputStream() {
        checkProvidedBuffers();
        return input;
    }

    /**
     * Bytes to send as a stream. Each write is submitted at once; it waits only while too much is unacknowledged. Closing
     * it closes the connection.
     */
    public OutputStream outputStream() {
        return output;
    }

    /** Reads at least one byte into the array, as {@link InputStream#read(byte[])}. Returns how many, or -1 at the end. */
    public int readInto(byte[] target) throws IOException {
        return readInto(target, 0, target.length);
    }

    /** Reads at least one byte into a part of the array. Returns how many, or -1 at the end. */
    public int readInto(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return readInto(MemorySegment.ofArray(target).asSlice(offset, length));
    }

    /** Reads at least one byte into any memory; 0 if that is empty. Returns how many, or -1 at the end. */
    public int readInto(MemorySegment target) throws IOException {
        checkProvidedBuffers();
        return input.read(target);
    }

    private void checkProvidedBuffers() {
        if (!lane.session().hasProvidedBuffers()) {
            throw new IllegalStateException("this session has receiveBufferBytes=0, so nothing may arrive unasked:"
                    + " use receive(Location, int), or give the builder receiveBufferBytes");
        }
    }

    /**
     * Receives into a region: the bytes are placed there without another copy, unless they had come before this call. Waits
     * until at least minLength bytes are there and nothing more is at hand, or the location is full, or the stream ends.
     *
     * @param minLength 1 .. location.length(); the length means: fill it
     * @return how many bytes, short of minLength only at the end of the stream; -1 if it ended before
     * @throws SocketTimeoutException after the read timeout, if nothing came; some bytes are returned instead
     */
    public int receive(Location location, int minLength) throws IOException {
        return receives.receive(location, minLength);
    }

    /** Like {@link #receive}, at once. The future gives the bytes in the location, 0 at the end of the stream. */
    public CompletableFuture<Integer> receiveAsync(Location location, int minLength) {
        return receives.receiveAsync(location, minLength);
    }

    /**
     * Like {@link #receive}, without waiting; {@link ConnectionHandler#onReceived} tells the outcome.
     *
     * @param token handed to the handler
     * @return OK, or a code: BACK_PRESSURED (try again after polling), LIMIT (64 are outstanding), CLOSED
     */
    public int offerReceive(Location location, int minLength, long token) {
        return receives.offer(location, minLength, token);
    }

    /**
     * Sends from a region and waits until the peer has acknowledged all of it, so its memory is the application's again. A
     * peer that stays silent delays that: until {@link Option#USER_TIMEOUT_NS}.
     *
     * @throws InterruptedIOException if interrupted: the bytes are still sent and their memory is the engine's until
     *     {@link #acknowledgedPosition} has passed them
     */
    public void send(Location location) throws IOException {
        sends.send(location);
    }

    /** Like {@link #send}, at once; the future completes when the peer has acknowledged all of it. */
    public CompletableFuture<Void> sendAsync(Location location) {
        return sends.sendAsync(location);
    }

    /** Like {@link #offerSend(Location, int, long)} without flags. */
    public long offerSend(Location location, long token) {
        return offerSend(location, 0, token);
    }

    /**
     * Like {@link #send}, without waiting; {@link ConnectionHandler#onSent} tells the outcome.
     *
     * @param flags 0, or {@link dev.toehold.abi.SubmissionFlag#MORE} if more follows at once
     * @param token handed to the handler
     * @return the stream position of its first byte, or a negative code: BACK_PRESSURED (try again after polling),
     *     CLOSED, or what the connection died of
     */
    public long offerSend(Location location, int flags, long token) {
        return sends.offer(location, flags, token);
    }

    /**
     * Transmits what is held back and completes every posted RECEIVE with what it has; waits for that.
     *
     * @throws ToeholdException STALE if both directions have ended and the engine has forgotten the connection, or what it died of
     */
    public void flush() throws IOException {
        sends.flush();
    }

    /** Like {@link #flush}, without waiting. Returns OK or a code. */
    public int offerFlush(long token) {
        return sends.offerFlush(token);
    }

    /** Ends the sending direction behind everything submitted; reading goes on. Does not wait for the peer. */
    public void shutdownOutput() throws IOException {
        sends.shutdownOutput();
    }

    /** Like {@link #shutdownOutput}; the handler is told when the peer has acknowledged it. Returns OK or a code. */
    public int offerShutdownOutput(long token) {
        return sends.offerShutdownOutput(token);
    }

    /**
     * Sets one of {@link Option} and waits for the engine's answer.
     *
     * @throws ToeholdException INVALID if the option or value is not allowed
     */
    public void setOption(int option, long value) throws IOException {
        sends.setOption(option, value);
    }

    /** Bytes that lie in provided buffers and can be read without waiting. */
    public long available() {
        return inPlace.available();
    }

    /**
     * Received bytes where they lie, without a copy: so many contiguous ones begin at {@link #receivedOffset} in {@link
     * #receivedMemory}; 0 if there are none now. They stay there until {@link #consumed}. For one reading thread.
     */
    public int receivedLength() {
        return inPlace.length();
    }

    /**
     * Waits until there are bytes to take in place.
     *
     * @return {@link #receivedLength}, at least 1; -1 at the end of the stream
     * @throws SocketTimeoutException after the read timeout
     */
    public int awaitReceived() throws IOException {
        checkProvidedBuffers();
        return input.awaitPiece();
    }

    /**
     * The bytes of {@link #receivedLength} as a read-only view; empty if there are none. Valid until {@link #consumed}. Makes an object each
     * time; {@link #receivedMemory} with {@link #receivedOffset} does not.
     */
    public MemorySegment received() {
        return inPlace.view();
    }

    /** Memory in which the bytes of {@link #receivedLength} lie. */
    public MemorySegment receivedMemory() {
        return inPlace.memory();
    }

    /** Where they begin in that memory. */
    public long receivedOffset() {
        return inPlace.offset();
    }

    /**
     * The application is done with the first bytes of {@link #receivedLength}: their buffer may be used again and the window
     * opens.
     *
     * @param length 1 .. receivedLength()
     */
    public void consumed(int length) {
        inPlace.consumed(length);
    }

    /** Whether everything that the peer sent before its end has been read. */
    public boolean isEndOfStream() {
        return inPlace.isEndOfStream();
    }

    /** Whether it is neither closed nor dead. */
    public boolean isOpen() {
        return state.isOpen();
    }

    /** Stream position behind the last byte that has arrived in this process. */
    public long receivedPosition() {
        return state.receivedPosition();
    }

    /**
     * Stream position behind what the peer marked as urgent (RFC 9293 section 3.8.5), 0 if it never did: beyond {@link #consumedPosition} some of it
     * is still to be read. It stays in the stream, and is known when the first byte before it has arrived.
     */
    public long urgentEnd() {
        return state.urgentEnd();
    }

    /** Stream position behind the last byte that the application has taken. */
    public long consumedPosition() {
        return state.consumedPosition();
    }

    /** Stream position behind the last byte that was submitted for sending. */
    public long submittedPosition() {
        return state.submittedPosition();
    }

    /** Stream position up to which the peer has acknowledged, as far as SENDs have completed. */
    public long acknowledgedPosition() {
        return state.acknowledgedPosition();
    }

    /**
     * State of the connection in the engine: windows, timers, round trips, congestion control, what was sent and lost. Waits for
     * the engine's control thread.
     *
     * @throws ToeholdException STALE if the engine has forgotten the connection
     */
    public ConnectionInfo info() throws IOException {
        return lane.session().info(core.handle());
    }

    /**
     * Closes in good order and returns at once: the engine still sends everything that was submitted and then the end of the
     * stream, for at most {@link Option#LINGER_NS}, even if this process ends. What was received and not read is dropped.
     */
    @Override
    public void close() {
        end(false);
    }

    /** Like {@link #close}; the future completes when the engine touches no memory of this connection any more. */
    public CompletableFuture<Void> closeAsync() {
        end(false);
        return outcomes.closed();
    }

    /** Resets the connection and closes it: what was submitted may be lost. Outstanding operations end with RESET. */
    public void abort() {
        end(true);
    }

    private void end(boolean abort) {
        lane.lock();
        try {
            core.close(abort);
            waits.signal();
            output.onEnd();
        } finally {
            lane.unlock();
        }
    }

    /** Throws if the location belongs to another session. */
    void checkMine(Location location) {
        if (location.region().session() != lane.session()) {
            throw new IllegalArgumentException(location.region() + " belongs to another Toehold than this connection");
        }
    }

    @Override
    public String toString() {
        return "connection " + localAddress + " -> " + remoteAddress;
    }
}
