package dev.toehold.client;

import dev.toehold.abi.Abi;
import dev.toehold.abi.ResultCode;

/**
 * How far the received stream of one connection has come, and its bytes that wait in provided buffers.
 *
 * <pre>
 *   consumed            received
 *   ----|-----------------|------------------------&gt; position
 *       | in the chain of | posted RECEIVEs, then those held back: {@link ReceiveQueue}
 *       | provided bufs   |
 * </pre>
 */
final class ReceivedBytes {
    /** What may stay unreported when the application has everything: under the least window that the engine leaves open. */
    private static final int DRAINED_THRESHOLD = Abi.LEAST_WINDOW / 2;

    private final ConnectionCore connection;
    private final QueuePairCore owner;
    private final ProvidedBuffers buffers;
    private final ReceivedChain chain = new ReceivedChain();
    private long receivedPosition;
    private long unreportedConsumed;
    private int consumedThreshold;
    private long urgentEnd;
    private boolean endOfStream;
    private int pinnedKey = -1;
    private int pinnedLength;

    ReceivedBytes(ConnectionCore connection, QueuePairCore owner) {
        this.connection = connection;
        this.owner = owner;
        this.buffers = owner.buffers();
        this.consumedThreshold = owner.consumedThreshold();
    }

    ReceivedChain chain() {
        return chain;
    }

    /** End of the bytes that were delivered, wherever they lie. */
    long receivedPosition() {
        return receivedPosition;
    }

    /** End of the bytes that the application has. */
    long consumedPosition() {
        return receivedPosition - chain.bytes();
    }

    /** End of what the peer marked as urgent; 0 = nothing was. */
    long urgentEnd() {
        return urgentEnd;
    }

    void onUrgent(long end) {
        urgentEnd = Math.max(urgentEnd, end);
    }

    boolean isEndOfStream() {
        return endOfStream;
    }

    void onEndOfStream() {
        endOfStream = true;
    }

    /** The connection's credit changed: with little of it the engine is told of less at a time. */
    void credit(int bytes) {
        consumedThreshold = QueuePairCore.consumedThreshold(bytes);
        reportConsumed();
    }

    /** Bytes came in a provided buffer: what no RECEIVE takes waits in the chain. */
    void onProvided(CompletionView completion, int key, ReceiveQueue receives) {
        if (completion.position != receivedPosition) {
            throw completion.violation("expected position " + receivedPosition);
        }
        boolean isWanted = !connection.isClosing();
        int taken = isWanted ? receives.take(completion, key, receivedPosition) : 0;
        unreportedConsumed += taken;
        receivedPosition += completion.length;
        int rest = completion.length - taken;
        if (rest > 0 && isWanted) {
            chain.append(key, completion.bufferOffset + taken, rest);
            buffers.onDelivered(key, rest);
        }
    }

    /** The engine is told by the resume itself how much the application has. */
    void beginResume() {
        unreportedConsumed = 0;
    }

    /** The engine placed that many bytes in the location of a RECEIVE. */
    void onPlaced(int length) {
        receivedPosition += length;
    }

    /** The first length bytes of the chain's first piece are the application's; the engine is told later. */
    void dropHead(int length) {
        int key = chain.headKey();
        chain.dropHead(length);
        buffers.onConsumed(key, length);
        unreportedConsumed += length;
    }

    /** Tells the engine what was consumed, once it is enough to be worth it. */
    void reportConsumed() {
        int threshold = chain.isEmpty() ? Math.min(consumedThreshold, DRAINED_THRESHOLD) : consumedThreshold;
        if (unreportedConsumed < threshold
                || endOfStream
                || connection.terminatedCode() != 0
                || connection.isClosing()) {
            return;
        }
        if (owner.submitConsumed(connection.handle(), unreportedConsumed) == ResultCode.OK) {
            unreportedConsumed = 0;
        } else {
            owner.defer(connection);
        }
    }

    /**
     * Begins to read the chain's first piece outside the owner's lock: its buffer stays as it is until {@link #unpin}. The
     * chain is not empty and nothing is pinned.
     */
    void pin() {
        pinnedKey = chain.headKey();
        pinnedLength = 0;
    }

    void unpin() {
        int key = pinnedKey;
        pinnedKey = -1;
        if (pinnedLength > 0) {
            buffers.onConsumed(key, pinnedLength);
        }
    }

    /** The connection closes: nobody reads what lies here. */
    void discard() {
        while (!chain.isEmpty()) {
            int key = chain.headKey();
            int length = chain.headLength();
            chain.dropHead(length);
            if (key != pinnedKey) {
                buffers.onConsumed(key, length);
            } else {
                pinnedLength += length;
            }
        }
    }
}
