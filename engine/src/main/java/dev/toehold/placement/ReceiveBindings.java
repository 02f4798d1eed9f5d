package dev.toehold.placement;

import static dev.toehold.placement.OperationPool.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;

/**
 * Where received bytes go: the bindings of each connection of one queue pair. A binding gives a range of the stream to a posted
 * RECEIVE or to a provided buffer; a connection's bindings lie in stream order and do not overlap. What lies between two of
 * them, or behind the last, is bound to provided buffers when its first byte comes, always from the front.
 *
 * <p>{@link #place} may come in any order of positions. {@link #deliver} turns the contiguous prefix into completions; it is
 * called once per burst, so that many small segments make one completion.
 */
public final class ReceiveBindings {
    /** Flag of {@link #deliver}: the last byte came with PSH. */
    public static final int PUSH = 1;

    /**
     * Flag of {@link #deliver}: give a partly filled last buffer back. PUSH implies it where that saves a completion and wastes
     * little room; otherwise the next message goes on in the same buffer.
     */
    public static final int UNBIND = 1 << 1;

    /** Flag of {@link #deliver}: the stream ends at rcvNxt. */
    public static final int END_OF_STREAM = 1 << 2;

    /** Flag of {@link #deliver}: PUSH gives no partly filled buffer back. */
    public static final int FILL = 1 << 3;

    /** Most buffers that one segment may bind: one far ahead must not empty the pool at one blow. */
    static final int MAX_BOUND_AT_ONCE = 64;

    private static final int KIND_RECEIVE = 1;
    private static final int HAS_MINIMUM = 1 << 1;
    private static final int MAX_EXPECTED_LENGTH = 1 << 20;

    /** A buffer with less room than that goes back with the message that left it. */
    private static final int LITTLE_ROOM = 2 << 10;

    /** Bytes that buffers given back may leave unused while the application is behind; never over an eighth of the pool. */
    private static final int MAX_UNUSED_BYTES = 32 << 10;

    private final OperationPool pool;
    private final RegionTable regions;
    private final BufferGroups groups;
    private final CompletionSink out;
    private final PlacementCounters counters;
    private final Copier copier;

    public ReceiveBindings(
            OperationPool pool,
            RegionTable regions,
            BufferGroups groups,
            CompletionSink out,
            PlacementCounters counters,
            Copier copier) {
        this.pool = pool;
        this.regions = regions;
        this.groups = groups;
        this.out = out;
        this.counters = counters;
        this.copier = copier;
    }

    /**
     * Posts a RECEIVE that holds a promised completion slot.
     *
     * @return OK; it may have completed at once if its range was bound already. Otherwise why it is refused, and the caller
     *     completes it
     */
    public int post(
            StreamState stream, long position, int region, long offset, int length, int minLength, long userData) {
        boolean isNext = position == Abi.NEXT_POSITION;
        if (length <= 0
                || length > Abi.MAX_LOCATION_LENGTH
                || minLength < 0
                || minLength > length
                || !regions.isLocation(region, offset, length)
                || (!isNext && (position < stream.postedEnd || position > Long.MAX_VALUE - length))) {
            return ResultCode.INVALID;
        }
        if (stream.posted == Abi.MAX_POSTED_RECEIVES) {
            return ResultCode.LIMIT;
        }
        shrinkTail(stream);
        long start = isNext ? stream.boundEnd : position;
        if (start > stream.boundEnd && groups.isEmpty()) {
            return ResultCode.INVALID; // nothing could ever fill the gap before it
        }
        long skipped = Math.max(0, stream.boundEnd - start);
        if (skipped >= length || (minLength > 0 && stream.delivered - start >= minLength)) {
            out.complete(true, Op.RECEIVE, userData, stream.handle, start, 0, 0, 0, 0, 0, 0, 0, 0);
            return ResultCode.OK;
        }
        int node = pool.allocate();
        if (node == NONE) {
            return ResultCode.LIMIT;
        }
        pool.position(node, start + skipped);
        pool.userData(node, userData);
        pool.region(node, region);
        pool.offset(node, offset + skipped);
        pool.length(node, length - (int) skipped);
        pool.minLength(node, (int) Math.max(0, minLength - skipped));
        pool.flags(node, minLength == 0 ? KIND_RECEIVE : KIND_RECEIVE | HAS_MINIMUM);
        regions.retain(region);
        insert(stream, stream.receiveTail, node);
        stream.posted++;
        stream.postedEnd = stream.boundEnd;
        return ResultCode.OK;
    }

    /**
     * Copies payload to where it belongs, or has it copied: {@link StreamState#copyTicket} says by when.
     *
     * @param position in the stream of the first byte, not below what was delivered
     * @return bytes placed from the front
     */
    public int place(StreamState stream, long position, MemorySegment source, long sourceOffset, int length) {
        int previous = NONE;
        int node = stream.receiveCursor != NONE && position >= pool.position(stream.receiveCursor)
                ? stream.receiveCursor
                : stream.receiveHead;
        while (node != NONE && pool.end(node) <= position) {
            previous = node;
            node = pool.next(node);
        }
        int placed = 0;
        while (placed < length) {
            long at = position + placed;
            if (node == NONE || at < pool.position(node)) {
                node = bind(stream, previous, node, at, length - placed);
                if (node == NONE) {
                    break;
                }
            } else if (!isReceive(node) && !holdSlot(stream)) {
                break;
            }
            int within = (int) (at - pool.position(node));
            int count = Math.min(length - placed, pool.length(node) - within);
            long ticket = copier.copy(
                    source,
                    sourceOffset + placed,
                    regions,
                    pool.region(node),
                    pool.offset(node) + within,
                    count,
                    stream.isUrgent);
            stream.copyTicket = Math.max(stream.copyTicket, ticket);
            if (isReceive(node)) {
                counters.directBytes += count;
            } else {
                counters.providedBytes += count;
            }
            placed += count;
            stream.receiveCursor = node;
            previous = node;
            node = pool.next(node);
        }
        if (position + placed > stream.placedEnd && placed > 0) {
            stream.placedEnd = position + placed;
        }
        return placed;
    }

    /**
     * Appends the completions that are due for the contiguous prefix.
     *
     * @param rcvNxt end of the contiguous prefix
     * @param flags {@link #PUSH}, {@link #UNBIND}, {@link #END_OF_STREAM}, {@link #FILL}
     * @return false if a completion must wait for a slot: call again when there is one
     */
    public boolean deliver(StreamState stream, long rcvNxt, int flags) {
        if (stream.holdsSlot) {
            stream.holdsSlot = false;
            out.release();
        }
        boolean isEnd = (flags & END_OF_STREAM) != 0;
        boolean isPendingBehind = stream.placedEnd > rcvNxt;
        boolean isEndTold = false;
        int node = stream.receiveHead;
        while (node != NONE && (isEnd || pool.position(node) <= rcvNxt)) {
            if (isReceive(node)) {
                long start = Math.min(pool.position(node), rcvNxt);
                int prefix = (int) (Math.min(rcvNxt, pool.end(node)) - start);
                boolean isFull = prefix == pool.length(node);
                if (!isFull && !isEnd && (isPendingBehind || !isEnough(node, prefix))) {
                    break;
                }
                completeReceive(stream, node, NONE, start, prefix, prefix, edgeFlags(start + prefix, rcvNxt, flags));
                isEndTold |= isEnd && start + prefix == rcvNxt;
            } else {
                long upTo = Math.min(rcvNxt, pool.end(node));
                boolean isFull = upTo == pool.end(node);
                boolean isLast = node == stream.receiveTail && !isPendingBehind && upTo > pool.position(node);
                boolean isQuit = (flags & UNBIND) != 0
                        || ((flags & (PUSH | FILL)) == PUSH
                                && pool.end(node) - upTo <= LITTLE_ROOM
                                && !isWasteful(stream));
                if (isFull || isEnd || (isLast && isQuit)) {
                    stream.expectedLength = isFull ? Math.min(2 * pool.length(node), MAX_EXPECTED_LENGTH) : 0;
                    giveBack(stream, node, NONE, upTo, edgeFlags(upTo, rcvNxt, flags));
                    isEndTold |= isEnd && upTo == rcvNxt;
                } else {
                    return upTo == pool.position(node) + pool.delivered(node) || nameMore(stream, node, upTo, flags);
                }
            }
            node = stream.receiveHead;
        }
        if (isEnd && !isEndTold) {
            return tellEnd(stream, rcvNxt);
        }
        return true;
    }

    /** Whether the application is behind with so many badly filled buffers that the next message must go on in the same one. */
    private boolean isWasteful(StreamState stream) {
        return stream.heldBytes - stream.unconsumed > Math.min(MAX_UNUSED_BYTES, groups.capacityBytes() / 8);
    }

    /**
     * Whether the last binding is a partly filled buffer that {@link #UNBIND} would give back for good. While the application is behind
     * it would not: its bytes pin the buffer anyhow, and the next ones would pin another.
     */
    public boolean isHoldingPartlyFilled(StreamState stream, long rcvNxt) {
        int head = stream.receiveHead;
        return head != NONE
                && head == stream.receiveTail
                && !isReceive(head)
                && stream.placedEnd == rcvNxt
                && stream.unconsumed < Abi.LEAST_WINDOW / 2
                && !isWasteful(stream);
    }

    /**
     * FLUSH: completes every posted RECEIVE with its contiguous prefix, 0 included. Bytes that lie out of order in them are lost to
     * this side, so the caller has made TCP forget everything behind rcvNxt (RFC 2018 section 8). Buffers behind it are given back:
     * they would be missed by the bytes before them, which alone can make them of use again.
     */
    public void flush(StreamState stream, long rcvNxt) {
        stream.placedEnd = Math.min(stream.placedEnd, rcvNxt);
        int previous = NONE;
        int node = stream.receiveHead;
        while (node != NONE) {
            int next = pool.next(node);
            if (isReceive(node)) {
                long start = pool.position(node);
                int prefix = (int) Math.max(0, Math.min(rcvNxt, pool.end(node)) - start);
                completeReceive(stream, node, previous, start, prefix, prefix, 0);
            } else if (pool.position(node) >= rcvNxt) {
                returnUnnamed(stream, node, previous, ResultCode.OK);
            } else {
                previous = node;
            }
            node = next;
        }
    }

    /**
     * The connection is over, or closed: everything bound completes in order. RECEIVEs do so with {@code result} and the length
     * of their contiguous prefix; buffers are given back with what came in order since they were last named, or with
     * {@code result} and length 0.
     */
    public void terminate(StreamState stream, long rcvNxt, int result) {
        if (stream.holdsSlot) {
            stream.holdsSlot = false;
            out.release();
        }
        int node = stream.receiveHead;
        while (node != NONE) {
            long start = pool.position(node);
            long upTo = Math.max(start, Math.min(rcvNxt, pool.end(node)));
            if (isReceive(node)) {
                completeReceive(stream, node, NONE, start, (int) (upTo - start), result, 0);
            } else if (upTo > start + pool.delivered(node)) {
                giveBack(stream, node, NONE, upTo, 0);
            } else {
                returnUnnamed(stream, node, NONE, result);
            }
            node = stream.receiveHead;
        }
        stream.placedEnd = stream.delivered;
    }

    private boolean isReceive(int node) {
        return (pool.flags(node) & KIND_RECEIVE) != 0;
    }

    private boolean isEnough(int receive, int prefix) {
        return (pool.flags(receive) & HAS_MINIMUM) != 0 && prefix >= pool.minLength(receive);
    }

    /** Completion flags of a range that ends at {@code end}. */
    private static int edgeFlags(long end, long rcvNxt, int flags) {
        if (end != rcvNxt) {
            return 0;
        }
        return ((flags & PUSH) != 0 ? CompletionFlag.PUSH : 0)
                | ((flags & END_OF_STREAM) != 0 ? CompletionFlag.EOF : 0);
    }

    /** A buffer that is filled in pieces needs a slot of its own for each piece but the last. */
    private boolean holdSlot(StreamState stream) {
        if (!stream.holdsSlot) {
            if (out.unpromised() <= 0) {
                counters.noSlot++;
                return false;
            }
            out.promise();
            stream.holdsSlot = true;
        }
        return true;
    }

    /**
     * Binds provided buffers between two bindings, from the front up to the one that takes position {@code at}.
     *
     * @return that one, or NONE if there is no buffer or no completion slot
     */
    private int bind(StreamState stream, int previous, int next, long at, int remaining) {
        int last = previous;
        long start = previous == NONE ? stream.delivered : pool.end(previous);
        long gapEnd = next == NONE ? Long.MAX_VALUE : pool.position(next);
        for (int i = 0; i < MAX_BOUND_AT_ONCE && start <= at; i++) {
            if (!holdSlot(stream)) {
                return unbind(stream, previous, next);
            }
            long wanted = Math.max(at - start + remaining, stream.expectedLength);
            BufferGroup group = groups.choose((int) Math.min(wanted, Integer.MAX_VALUE), stream.onlyGroup);
            int node = group == null ? NONE : pool.allocate();
            if (node == NONE) {
                counters.noBuffer++;
                return unbind(stream, previous, next);
            }
            int buffer = groups.take(group);
            int length = (int) Math.min(group.bufferSize(), gapEnd - start);
            pool.position(node, start);
            pool.region(node, group.region());
            pool.offset(node, group.offset(buffer));
            pool.length(node, length);
            pool.group(node, group.id());
            pool.buffer(node, buffer);
            insert(stream, last, node);
            stream.boundBytes += group.bufferSize();
            counters.boundBuffers++;
            last = node;
            start += length;
        }
        if (start <= at) {
            counters.noBuffer++;
            return unbind(stream, previous, next);
        }
        return last;
    }

    /**
     * A segment found no place, so the buffers that were bound for the way to it are free again: kept empty, they would be missed by the
     * bytes before them.
     */
    private int unbind(StreamState stream, int previous, int next) {
        int node = previous == NONE ? stream.receiveHead : pool.next(previous);
        while (node != next) {
            int following = pool.next(node);
            groups.putBack(pool.group(node), pool.buffer(node));
            stream.boundBytes = Math.max(
                    0, stream.boundBytes - groups.byId(pool.group(node)).bufferSize());
            counters.boundBuffers--;
            unlink(stream, node, previous);
            node = following;
        }
        return NONE;
    }

    /** Gives up the part of a last, partly filled buffer that nothing was placed in. */
    private void shrinkTail(StreamState stream) {
        int tail = stream.receiveTail;
        if (tail == NONE
                || isReceive(tail)
                || stream.placedEnd >= stream.boundEnd
                || stream.placedEnd <= pool.position(tail)) {
            return;
        }
        pool.length(tail, (int) (stream.placedEnd - pool.position(tail)));
        stream.boundEnd = stream.placedEnd;
        if (pool.delivered(tail) == pool.length(tail)) {
            giveBack(stream, tail, NONE, stream.placedEnd, 0);
        }
    }

    private void completeReceive(
            StreamState stream, int node, int previous, long start, int prefix, int result, int flags) {
        if (prefix > 0) {
            stream.delivered = start + prefix;
        }
        boolean urgent = prefix > 0 && stream.urgentEnd > start;
        out.complete(
                true,
                Op.RECEIVE,
                pool.userData(node),
                stream.handle,
                start,
                result,
                urgent ? flags | CompletionFlag.URGENT : flags,
                0,
                0,
                prefix,
                0,
                urgent ? stream.urgentEnd : 0,
                0);
        stream.posted--;
        if (stream.posted == 0) {
            stream.postedEnd = 0;
        }
        regions.release(pool.region(node));
        unlink(stream, node, previous);
    }

    /** The completion without MORE: the buffer is the client's again. */
    private void giveBack(StreamState stream, int node, int previous, long upTo, int flags) {
        name(true, stream, node, upTo, flags);
        groups.giveBack(pool.group(node), pool.buffer(node), stream);
        unlink(stream, node, previous);
    }

    private void returnUnnamed(StreamState stream, int node, int previous, int result) {
        out.complete(
                true,
                Op.PROVIDED,
                stream.userData,
                stream.handle,
                stream.delivered,
                result,
                CompletionFlag.BUFFER,
                pool.buffer(node),
                pool.delivered(node),
                0,
                pool.group(node),
                0,
                0);
        groups.giveBack(pool.group(node), pool.buffer(node), stream);
        unlink(stream, node, previous);
    }

    private boolean nameMore(StreamState stream, int node, long upTo, int flags) {
        if (out.unpromised() <= 0) {
            return false;
        }
        name(false, stream, node, upTo, CompletionFlag.MORE | ((flags & PUSH) != 0 ? CompletionFlag.PUSH : 0));
        return true;
    }

    private void name(boolean promised, StreamState stream, int node, long upTo, int flags) {
        int from = pool.delivered(node);
        int length = (int) (upTo - pool.position(node)) - from;
        long position = pool.position(node) + from;
        boolean urgent = length > 0 && stream.urgentEnd > position;
        pool.delivered(node, from + length);
        stream.delivered = upTo;
        stream.unconsumed += length;
        stream.providedBytes += length;
        out.complete(
                promised,
                Op.PROVIDED,
                stream.userData,
                stream.handle,
                position,
                length,
                flags | CompletionFlag.BUFFER | (urgent ? CompletionFlag.URGENT : 0),
                pool.buffer(node),
                from,
                length,
                pool.group(node),
                urgent ? stream.urgentEnd : 0,
                0);
    }

    private boolean tellEnd(StreamState stream, long rcvNxt) {
        if (out.unpromised() <= 0) {
            return false;
        }
        out.complete(
                false, Op.PROVIDED, stream.userData, stream.handle, rcvNxt, 0, CompletionFlag.EOF, 0, 0, 0, 0, 0, 0);
        return true;
    }

    private void insert(StreamState stream, int previous, int node) {
        int next = previous == NONE ? stream.receiveHead : pool.next(previous);
        pool.next(node, next);
        if (previous == NONE) {
            stream.receiveHead = node;
        } else {
            pool.next(previous, node);
        }
        if (next == NONE) {
            stream.receiveTail = node;
            stream.boundEnd = pool.end(node);
        }
    }

    private void unlink(StreamState stream, int node, int previous) {
        int next = pool.next(node);
        if (previous == NONE) {
            stream.receiveHead = next;
        } else {
            pool.next(previous, next);
        }
        if (next == NONE) {
            stream.receiveTail = previous;
            stream.boundEnd = previous == NONE ? stream.delivered : pool.end(previous);
        }
        if (stream.receiveCursor == node) {
            stream.receiveCursor = NONE;
        }
        pool.free(node);
    }
}
