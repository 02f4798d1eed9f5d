package dev.toehold.placement;

import static dev.toehold.placement.OperationPool.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;

/**
 * What the connections of one queue pair were asked to send: consecutive ranges of the stream and where their bytes lie in client
 * memory. The bytes are read for every transmission and stay the client's to keep until the peer has acknowledged them.
 */
public final class SendQueue {
    /** Node flag: a completion at first transmission is owed and holds a slot. */
    private static final int OWES_EARLY = 1;

    private final OperationPool pool;
    private final RegionTable regions;
    private final CompletionSink out;
    private final PlacementCounters counters;

    /** SENDs of all connections, and those of them whose first completion is owed. */
    private int count;

    private int earlyCount;

    public SendQueue(OperationPool pool, RegionTable regions, CompletionSink out, PlacementCounters counters) {
        this.pool = pool;
        this.regions = regions;
        this.out = out;
        this.counters = counters;
    }

    /**
     * Appends a SEND that holds a promised completion slot.
     *
     * @param early whether a completion at first transmission is wanted: takes one more unpromised slot
     * @return OK, or why it is refused
     */
    public int append(
            StreamState stream, long position, int region, long offset, int length, boolean early, long userData) {
        if (length <= 0
                || length > Abi.MAX_LOCATION_LENGTH
                || (position != Abi.NEXT_POSITION && position != stream.sendEnd)
                || !regions.isLocation(region, offset, length)) {
            return ResultCode.INVALID;
        }
        if (early && out.unpromised() <= 0) {
            return ResultCode.LIMIT;
        }
        int node = pool.allocate();
        if (node == NONE) {
            return ResultCode.LIMIT;
        }
        pool.position(node, stream.sendEnd);
        pool.userData(node, userData);
        pool.region(node, region);
        pool.offset(node, offset);
        pool.length(node, length);
        if (early) {
            out.promise();
            pool.flags(node, OWES_EARLY);
            stream.earlyCount++;
            earlyCount++;
        }
        count++;
        regions.retain(region);
        if (stream.sendTail == NONE) {
            stream.sendHead = node;
        } else {
            pool.next(stream.sendTail, node);
        }
        stream.sendTail = node;
        stream.sendEnd += length;
        return ResultCode.OK;
    }

    /** SENDs of all connections that are not acknowledged. */
    public int count() {
        return count;
    }

    /** Completion slots that they hold. */
    public int heldSlots() {
        return count + earlyCount;
    }

    /**
     * Copies [position, position + length) of the stream into a packet.
     *
     * @return false if a part of it is not (or no longer) in the queue
     */
    public boolean read(
            StreamState stream, long position, MemorySegment destination, long destinationOffset, int length) {
        int node = stream.sendCursor != NONE && position >= pool.position(stream.sendCursor)
                ? stream.sendCursor
                : stream.sendHead;
        if (node == NONE || position < pool.position(node)) {
            return false;
        }
        int done = 0;
        while (done < length) {
            long at = position + done;
            while (node != NONE && pool.end(node) <= at) {
                node = pool.next(node);
            }
            if (node == NONE) {
                return false;
            }
            int within = (int) (at - pool.position(node));
            int count = Math.min(length - done, pool.length(node) - within);
            MemorySegment.copy(
                    regions.memory(pool.region(node)),
                    pool.offset(node) + within,
                    destination,
                    destinationOffset + done,
                    count);
            done += count;
        }
        stream.sendCursor = node;
        counters.readBytes += length;
        if (position + length > stream.sentEnd) {
            stream.sentEnd = position + length;
            if (stream.earlyCount > 0) {
                completeEarly(stream);
            }
        }
        return true;
    }

    /** The peer has everything before {@code position}: one completion for all SENDs that end there or before. */
    public void acknowledge(StreamState stream, long position) {
        int node = stream.sendHead;
        while (node != NONE && pool.end(node) <= position) {
            int next = pool.next(node);
            boolean isLast = next == NONE || pool.end(next) > position;
            if (isLast) {
                complete(true, stream, node, pool.length(node), 0, 0);
            } else {
                out.release();
            }
            free(stream, node);
            node = next;
        }
    }

    /**
     * The connection is over: every SEND that is not acknowledged completes with {@code result} and how much of it was.
     *
     * @param acknowledged end of what the peer has
     */
    public void fail(StreamState stream, long acknowledged, int result) {
        acknowledge(stream, acknowledged);
        int node = stream.sendHead;
        while (node != NONE) {
            int next = pool.next(node);
            complete(true, stream, node, result, 0, (int) Math.max(0, acknowledged - pool.position(node)));
            free(stream, node);
            node = next;
        }
    }

    private void completeEarly(StreamState stream) {
        for (int node = stream.sendHead; node != NONE && pool.end(node) <= stream.sentEnd; node = pool.next(node)) {
            if ((pool.flags(node) & OWES_EARLY) != 0) {
                pool.flags(node, 0);
                stream.earlyCount--;
                earlyCount--;
                complete(true, stream, node, pool.length(node), CompletionFlag.EARLY, 0);
            }
        }
    }

    private void complete(boolean promised, StreamState stream, int node, int result, int flags, int more) {
        out.complete(
                promised,
                Op.SEND,
                pool.userData(node),
                stream.handle,
                pool.position(node),
                result,
                flags,
                0,
                0,
                pool.length(node),
                more,
                0,
                0);
    }

    private void free(StreamState stream, int node) {
        if ((pool.flags(node) & OWES_EARLY) != 0) {
            stream.earlyCount--;
            earlyCount--;
            out.release();
        }
        count--;
        regions.release(pool.region(node));
        stream.sendHead = pool.next(node);
        if (stream.sendHead == NONE) {
            stream.sendTail = NONE;
        }
        if (stream.sendCursor == node) {
            stream.sendCursor = NONE;
        }
        pool.free(node);
    }
}
