package dev.toehold.client;

import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;

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
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final ConnectionInputStream input = new ConnectionInputStream(this);
    private final ConnectionOutputStream output = new ConnectionOutputStream(this);
    private final Events events = new Events();
    private Condition changed;
    private ConnectionHandler handler;
    private long readTimeoutNs;

    Connection(Lane lane, ConnectionCore core, InetSocketAddress remoteAddress, InetSocketAddress localAddress) {
        this.lane = lane;
        this.core = core;
        this.remoteAddress = remoteAddress;
        this.localAddress = localAddress;
        core.events(events);
    }

    /** A blocking operation: where its outcome is put. */
    private static final class Waiter {
        private boolean isDone;
        private int result;
        private int filled;
    }

    private final class Events implements ConnectionEvents {
        @Override
        public void onReadable() {
            signal();
            if (handler != null) {
                guarded(() -> handler.onReadable(Connection.this));
            }
        }

        @Override
        public void onCompleted(int op, Object attachment, long token, int result, int filled) {
            switch (attachment) {
                case null -> callHandler(op, token, result, filled);
                case Waiter waiter -> {
                    waiter.isDone = true;
                    waiter.result = result;
                    waiter.filled = filled;
                    signal();
                }
                case CompletableFuture<?> future -> lane.afterUnlock(() -> complete(future, op, result, filled));
                case ConnectionOutputStream stream -> {
                    stream.onAcknowledged((int) token);
                    signal();
                }
                default -> throw new AssertionError(attachment);
            }
        }

        @Override
        public void onTerminated(int code) {
            signal();
            output.onEnd();
            if (handler != null) {
                guarded(() -> handler.onTerminated(Connection.this, code));
            }
        }

        @Override
        public void onClosed() {
            signal();
            output.onEnd();
            lane.afterUnlock(() -> closed.complete(null));
            if (handler != null) {
                guarded(() -> handler.onClosed(Connection.this));
            }
        }
    }

    private void callHandler(int op, long token, int result, int filled) {
        ConnectionHandler user = handler;
        if (user == null) {
            return;
        }
        int code = Math.min(result, 0);
        try {
            switch (op) {
                case Op.RECEIVE -> user.onReceived(this, token, filled, code);
                case Op.SEND -> user.onSent(this, token, code);
                case Op.FLUSH -> user.onFlushed(this, token, code);
                case Op.SHUTDOWN -> user.onOutputShutDown(this, token, code);
                default -> {} // ABORT and CLOSE are told by onClosed
            }
        } catch (RuntimeException e) {
            onHandlerFailure(e);
        }
    }

    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            onHandlerFailure(e);
        }
    }

    private void onHandlerFailure(RuntimeException e) {
        core.close(true);
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, e);
    }

    @SuppressWarnings("unchecked") // receiveAsync makes CompletableFuture<Integer>, all others CompletableFuture<Void>
    private void complete(CompletableFuture<?> future, int op, int result, int filled) {
        if (result < 0 && (op != Op.RECEIVE || filled == 0)) {
            future.completeExceptionally(ToeholdException.terminated(result, toString()));
        } else if (op == Op.RECEIVE) {
            ((CompletableFuture<Integer>) future).complete(filled);
        } else {
            future.complete(null);
        }
    }

    private void signal() {
        if (changed != null) {
            changed.signalAll();
        }
    }

    private Condition changed() {
        if (changed == null) {
            changed = lane.newCondition();
        }
        return changed;
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
            handler = user;
            if (user != null) {
                core.events(events);
            }
        } finally {
            lane.unlock();
        }
    }

    /** Longest time that {@code read}, {@code readInto} and {@code receive} wait for bytes. Zero, the default: for ever. */
    public void setReadTimeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout=" + timeout + ", allowed: 0 or more");
        }
        lane.lock();
        try {
            readTimeoutNs = timeout.toNanos();
        } finally {
            lane.unlock();
        }
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
        java.util.Objects.checkFromIndexSize(offset, length, target.length);
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
        checkMinLength(location, minLength);
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            while (true) {
                int code = offerReceive(location, minLength, waiter, 0);
                if (code == ResultCode.OK) {
                    break;
                }
                checkRetry(code, "receive on");
                if (code == ResultCode.LIMIT) {
                    lane.await(changed(), 0);
                } else {
                    lane.awaitRoom();
                }
            }
            awaitReceived(waiter);
            if (waiter.result < 0 && waiter.filled == 0) {
                throw terminated(waiter.result, "receive on");
            }
            return waiter.filled == 0 ? -1 : waiter.filled;
        } finally {
            lane.unlock();
        }
    }

    /** After a timeout or an interrupt FLUSH takes the memory back from the engine, whatever lies there by then. */
    private void awaitReceived(Waiter waiter) throws IOException {
        long deadlineNs = readDeadlineNs();
        IOException givenUp = null;
        boolean wasInterrupted = false;
        while (!waiter.isDone) {
            try {
                if (!lane.await(changed(), givenUp == null ? deadlineNs : 0)) {
                    givenUp = new SocketTimeoutException(this + ": nothing came within the read timeout");
                    flushFor(waiter);
                }
            } catch (InterruptedIOException e) {
                wasInterrupted |= Thread.interrupted();
                if (givenUp == null) {
                    givenUp = e;
                    flushFor(waiter);
                }
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (givenUp != null && waiter.result == 0) {
            throw givenUp;
        }
    }

    private void flushFor(Waiter waiter) {
        boolean wasInterrupted = false;
        while (!waiter.isDone && core.flush(new Waiter(), 0) == ResultCode.BACK_PRESSURED) {
            try {
                lane.awaitRoom();
            } catch (InterruptedIOException e) {
                wasInterrupted |= Thread.interrupted();
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Like {@link #receive}, at once. The future gives the bytes in the location, 0 at the end of the stream. */
    public CompletableFuture<Integer> receiveAsync(Location location, int minLength) {
        checkMinLength(location, minLength);
        CompletableFuture<Integer> future = new CompletableFuture<>();
        lane.lock();
        try {
            refuse(future, offerReceive(location, minLength, future, 0));
        } finally {
            lane.unlock();
        }
        return future;
    }

    /**
     * Like {@link #receive}, without waiting; {@link ConnectionHandler#onReceived} tells the outcome.
     *
     * @param token handed to the handler
     * @return OK, or a code: BACK_PRESSURED (try again after polling), LIMIT (64 are outstanding), CLOSED
     */
    public int offerReceive(Location location, int minLength, long token) {
        checkMinLength(location, minLength);
        lane.lock();
        try {
            return offerReceive(location, minLength, null, token);
        } finally {
            lane.unlock();
        }
    }

    private int offerReceive(Location location, int minLength, Object attachment, long token) {
        checkMine(location);
        int submitted = minLength == location.length() ? 0 : minLength;
        return core.receive(location.region().id(), location.offset(), location.length(), submitted, attachment, token);
    }

    /**
     * Sends from a region and waits until the peer has acknowledged all of it, so its memory is the application's again. A
     * peer that stays silent delays that: until {@link Option#USER_TIMEOUT_NS}.
     *
     * @throws InterruptedIOException if interrupted: the bytes are still sent and their memory is the engine's until
     *     {@link #acknowledgedPosition} has passed them
     */
    public void send(Location location) throws IOException {
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            while (true) {
                long position = offerSend(location, 0, waiter, 0);
                if (position >= 0) {
                    break;
                }
                checkRetry((int) position, "send on");
                lane.awaitRoom();
            }
            await(waiter, "send on");
        } finally {
            lane.unlock();
        }
    }

    /** Like {@link #send}, at once; the future completes when the peer has acknowledged all of it. */
    public CompletableFuture<Void> sendAsync(Location location) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        lane.lock();
        try {
            refuse(future, (int) Math.min(offerSend(location, 0, future, 0), 0));
        } finally {
            lane.unlock();
        }
        return future;
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
        if ((flags & ~dev.toehold.abi.SubmissionFlag.MORE) != 0) {
            throw new IllegalArgumentException("flags=" + flags + ", allowed: 0 or SubmissionFlag.MORE");
        }
        lane.lock();
        try {
            return offerSend(location, flags, null, token);
        } finally {
            lane.unlock();
        }
    }

    private long offerSend(Location location, int flags, Object attachment, long token) {
        checkMine(location);
        return core.send(location.region().id(), location.offset(), location.length(), flags, attachment, token);
    }

    /** Transmits what is held back and completes every posted RECEIVE with what it has; waits for that. */
    public void flush() throws IOException {
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            submit(() -> core.flush(waiter, 0), "flush");
            await(waiter, "flush");
        } finally {
            lane.unlock();
        }
    }

    /** Like {@link #flush}, without waiting. Returns OK or a code. */
    public int offerFlush(long token) {
        lane.lock();
        try {
            return core.flush(null, token);
        } finally {
            lane.unlock();
        }
    }

    /** Ends the sending direction behind everything submitted; reading goes on. Does not wait for the peer. */
    public void shutdownOutput() throws IOException {
        lane.lock();
        try {
            submit(() -> core.shutdownOutput(new Waiter(), 0), "shutdownOutput");
        } finally {
            lane.unlock();
        }
    }

    /** Like {@link #shutdownOutput}; the handler is told when the peer has acknowledged it. Returns OK or a code. */
    public int offerShutdownOutput(long token) {
        lane.lock();
        try {
            return core.shutdownOutput(null, token);
        } finally {
            lane.unlock();
        }
    }

    /**
     * Sets one of {@link Option} and waits for the engine's answer.
     *
     * @throws ToeholdException INVALID if the option or value is not allowed
     */
    public void setOption(int option, long value) throws IOException {
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            submit(() -> core.setOption(option, value, waiter, 0), "setOption");
            await(waiter, "setOption option=" + option + " value=" + value + " on");
        } finally {
            lane.unlock();
        }
    }

    /** Bytes that lie in provided buffers and can be read without waiting. */
    public long available() {
        lane.lock();
        try {
            return core.available();
        } finally {
            lane.unlock();
        }
    }

    /**
     * Received bytes where they lie, without a copy: so many contiguous ones begin at {@link #receivedOffset} in {@link
     * #receivedMemory}; 0 if there are none now. They stay there until {@link #consumed}. For one reading thread.
     */
    public int receivedLength() {
        lane.lock();
        try {
            return core.chain().isEmpty() ? 0 : core.chain().headLength();
        } finally {
            lane.unlock();
        }
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

    /** Memory in which the bytes of {@link #receivedLength} lie. */
    public MemorySegment receivedMemory() {
        lane.lock();
        try {
            return lane.core().buffers().memory(core.chain().headKey());
        } finally {
            lane.unlock();
        }
    }

    /** Where they begin in that memory. */
    public long receivedOffset() {
        lane.lock();
        try {
            return lane.core().buffers().offset(core.chain().headKey())
                    + core.chain().headOffset();
        } finally {
            lane.unlock();
        }
    }

    /**
     * The application is done with the first bytes of {@link #receivedLength}: their buffer may be used again and the window
     * opens.
     *
     * @param length 1 .. receivedLength()
     */
    public void consumed(int length) {
        lane.lock();
        try {
            if (core.isClosing()) {
                return;
            }
            int most = core.chain().isEmpty() ? 0 : core.chain().headLength();
            if (length < 1 || length > most) {
                throw new IllegalArgumentException("length=" + length + ", allowed: 1 .. " + most);
            }
            core.consumeHead(length);
        } finally {
            lane.unlock();
        }
    }

    /** Whether everything that the peer sent before its end has been read. */
    public boolean isEndOfStream() {
        lane.lock();
        try {
            return core.isEndOfStream() && core.available() == 0;
        } finally {
            lane.unlock();
        }
    }

    /** Whether it is neither closed nor dead. */
    public boolean isOpen() {
        lane.lock();
        try {
            return !core.isClosing() && core.terminatedCode() == 0;
        } finally {
            lane.unlock();
        }
    }

    /** Stream position behind the last byte that has arrived in this process. */
    public long receivedPosition() {
        lane.lock();
        try {
            return core.receivedPosition();
        } finally {
            lane.unlock();
        }
    }

    /** Stream position behind the last byte that the application has taken. */
    public long consumedPosition() {
        lane.lock();
        try {
            return core.consumedPosition();
        } finally {
            lane.unlock();
        }
    }

    /** Stream position behind the last byte that was submitted for sending. */
    public long submittedPosition() {
        lane.lock();
        try {
            return core.submittedPosition();
        } finally {
            lane.unlock();
        }
    }

    /** Stream position up to which the peer has acknowledged, as far as SENDs have completed. */
    public long acknowledgedPosition() {
        lane.lock();
        try {
            return core.acknowledgedPosition();
        } finally {
            lane.unlock();
        }
    }

    /** State of the connection in the engine, as a JSON object. */
    public String tcpInfo() throws IOException {
        return lane.session().tcpInfo(core.handle());
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
        return closed;
    }

    /** Resets the connection and closes it: what was submitted may be lost. Outstanding operations end with RESET. */
    public void abort() {
        end(true);
    }

    private void end(boolean abort) {
        lane.lock();
        try {
            core.close(abort);
            signal();
            output.onEnd();
        } finally {
            lane.unlock();
        }
    }

    /** Throws if nothing can be written any more. */
    void checkWritable() throws IOException {
        lane.lock();
        try {
            if (core.terminatedCode() != 0) {
                throw terminated(core.terminatedCode(), "write on");
            }
            if (core.isClosing()) {
                throw ToeholdException.terminated(ResultCode.CLOSED, "write on " + this);
            }
        } finally {
            lane.unlock();
        }
    }

    /** Waits for anything to happen on this connection; the lane is locked. Returns false after the deadline. */
    boolean awaitChange(long deadlineNs) throws InterruptedIOException {
        return lane.await(changed(), deadlineNs);
    }

    /** System.nanoTime at which a read that begins now times out; 0 = never. */
    long readDeadlineNs() {
        if (readTimeoutNs == 0) {
            return 0;
        }
        long deadlineNs = System.nanoTime() + readTimeoutNs;
        return deadlineNs == 0 ? 1 : deadlineNs;
    }

    ToeholdException terminated(int code, String what) {
        return ToeholdException.terminated(code, what + " " + this);
    }

    /** Throws unless the code says that waiting helps. */
    void checkRetry(int code, String what) throws IOException {
        if (code != ResultCode.BACK_PRESSURED && code != ResultCode.LIMIT) {
            throw terminated(code, what);
        }
    }

    private interface Submission {
        int offer();
    }

    private void submit(Submission submission, String what) throws IOException {
        while (true) {
            int code = submission.offer();
            if (code == ResultCode.OK) {
                return;
            }
            checkRetry(code, what);
            lane.awaitRoom();
        }
    }

    private void await(Waiter waiter, String what) throws IOException {
        while (!waiter.isDone) {
            lane.await(changed(), 0);
        }
        if (waiter.result < 0) {
            throw terminated(waiter.result, what);
        }
    }

    private void refuse(CompletableFuture<?> future, int code) {
        if (code < 0) {
            ToeholdException reason = terminated(code, "on");
            lane.afterUnlock(() -> future.completeExceptionally(reason));
        }
    }

    private static void checkMinLength(Location location, int minLength) {
        if (minLength < 1 || minLength > location.length()) {
            throw new IllegalArgumentException(
                    "minLength=" + minLength + ", allowed: 1 .. location.length()=" + location.length());
        }
    }

    private void checkMine(Location location) {
        if (location.region().session() != lane.session()) {
            throw new IllegalArgumentException(location.region() + " belongs to another Toehold than this connection");
        }
    }

    @Override
    public String toString() {
        return "connection " + localAddress + " -> " + remoteAddress;
    }
}
