package dev.toehold.session;

import dev.toehold.abi.Abi;
import dev.toehold.placement.BufferGroups;

/**
 * How far the windows of one session's connections reach beyond what their applications consumed, on one lcore. Each connection's
 * window follows its bandwidth-delay product: it becomes twice what the application consumed in a round trip, so it keeps pace with
 * a peer in slow start as long as the application does, up to the credit that the application allows. All of them together follow
 * the pool of provided buffers: what is promised to peers and not bound yet is charged against the free buffers, as whole buffers,
 * and no connection gets more than a level that falls while the pool is short.
 *
 * <pre>
 *   consumed          rcvNxt        boundEnd            granted        consumed + window
 *   ----|----------------|-------------|-------------------|--------------------|------&gt; position
 *       | with the application,        | charged: promised, | when the pool has it
 *       | or bound: not free           | not bound yet      |
 * </pre>
 *
 * <p>A promise is never taken back, but one to a connection that holds no bytes and was quiet for a while is no longer charged when
 * others need room: idle connections keep their windows without keeping the pool. Should they all wake up at once, segments may find
 * no buffer, which is counted; the window is credit, not reservation.
 *
 * <p>Whose window cannot be opened at all waits, in order, for buffers to come back or promises to become idle; but promises are not
 * buffers, and some never become idle. So nobody waits longer than {@link #PATIENCE_NS} while a buffer is free: then the connection
 * gets the least window whatever is promised to others.
 */
final class ReceiveCredit {
    /** Most that a SYN can offer, and that an idle connection goes on with. */
    static final int INITIAL_BYTES = 0xffff;

    /** A peer's initial window (RFC 6928), jumbo frames included. */
    static final int FIRST_FLIGHT_BYTES = 18 << 10;

    /** A connection that was quiet for so long is idle to one that wants a larger window. */
    static final long IDLE_NS = 1_000_000_000L;

    /** The same to one that has no window at all. */
    static final long BRIEF_IDLE_NS = 100_000_000L;

    /** Longest that a connection without a window waits for what is promised to others, as long as a buffer is free. */
    static final long PATIENCE_NS = 1_000_000_000L;

    private static final long MIN_RTT_NS = 50_000L;
    private static final long UNKNOWN_RTT_NS = 1_000_000L;

    /** Of the pool, for what cannot be foreseen: messages that fill their buffers badly. */
    private static final int RESERVE_SHARE = 8;

    /** Of the pool, kept by those who have a window for those who come. */
    private static final int NEWCOMER_SHARE = 8;

    /** With so much of the pool left the level rises by a little, and falls by more when a window cannot be had. */
    private static final int PLENTY_SHARE = 4;

    private static final int RAISE_SHARE = 256;
    private static final int LOWER_SHARE = 16;

    /** Of what is promised to nobody, for one that has only sent a SYN: many may come at once. */
    private static final int SYN_SHARE = 256;

    /** The same as long as it is no more than a first flight. */
    private static final int FIRST_FLIGHT_SHARE = 16;

    private static final int FILL_UNIT = 16;
    private static final int MAX_FILL = 8 * FILL_UNIT;
    private static final int RECLAIMED_AT_ONCE = 64;

    private static final long NOT_WAITING = Long.MIN_VALUE;

    private final BufferGroups groups;
    private long promisedBytes;
    private long level = Long.MAX_VALUE / 2;
    private int activeCount;
    private Connection leastActive;
    private Connection mostActive;
    private Connection firstWaiting;
    private Connection lastWaiting;
    private int typicalFill = FILL_UNIT;
    private long nowNs;

    ReceiveCredit(BufferGroups groups) {
        this.groups = groups;
    }

    /** Window of a connection that is being opened; only what {@link #edge} says later is charged. */
    int initialWindow(long credit) {
        reclaim(Abi.LEAST_WINDOW, BRIEF_IDLE_NS);
        long spare = spareBytes();
        long most = Math.min(Math.min(INITIAL_BYTES, credit), Math.max(0, spare));
        long firstFlight = Math.clamp(spare / FIRST_FLIGHT_SHARE, Abi.LEAST_WINDOW, FIRST_FLIGHT_BYTES);
        return (int) Math.min(Math.max(firstFlight, spare / SYN_SHARE), most);
    }

    /** The connection begins, its SYN offered {@code granted} bytes. */
    void open(Connection connection, long granted) {
        connection.granted = granted;
        connection.window = (int) Math.min(connection.credit, Math.clamp(granted, Abi.LEAST_WINDOW, INITIAL_BYTES));
        connection.fill = typicalFill;
        connection.waitingSinceNs = NOT_WAITING;
    }

    /** The application allows another credit; 0 = explicit mode. */
    void limit(Connection connection, long credit) {
        connection.credit = credit;
        connection.window = (int) Math.clamp(connection.window, Math.min(credit, INITIAL_BYTES), credit);
    }

    /**
     * Where the window may end now, never below where it ended before. If that leaves the peer hardly any room, the connection
     * waits for the pool.
     *
     * @param srttNs 0 = unknown
     */
    long edge(Connection connection, long srttNs, long nowNs) {
        this.nowNs = nowNs;
        if (connection.credit > 0 && !groups.isEmpty()) {
            tune(connection, srttNs == 0 ? UNKNOWN_RTT_NS : Math.max(srttNs, MIN_RTT_NS));
            touch(connection);
            connection.granted = Math.max(connection.granted, affordable(connection));
        }
        if (!connection.is(Connection.WAITING)) {
            connection.waitingSinceNs = NOT_WAITING;
        }
        connection.granted = Math.max(connection.granted, connection.postedEnd);
        charge(connection);
        return connection.granted;
    }

    /** The connection was seen to do something. */
    private void touch(Connection connection) {
        connection.activeNs = nowNs;
        if (connection == mostActive) {
            return;
        }
        if (connection.is(Connection.ACTIVE)) {
            unlink(connection);
        } else {
            connection.set(Connection.ACTIVE);
            activeCount++;
        }
        connection.previousActive = mostActive;
        if (mostActive == null) {
            leastActive = connection;
        } else {
            mostActive.nextActive = connection;
        }
        mostActive = connection;
    }

    /** Nothing is promised to the connection any more. */
    void close(Connection connection) {
        deactivate(connection);
    }

    /** Bytes of buffers that are free and promised to nobody; negative if more is promised than there is. */
    long spareBytes() {
        return groups.freeBytes() - promisedBytes - groups.capacityBytes() / RESERVE_SHARE;
    }

    /** Waits for the pool, once. */
    void await(Connection connection) {
        if (connection.is(Connection.WAITING)) {
            return;
        }
        connection.set(Connection.WAITING);
        if (connection.waitingSinceNs == NOT_WAITING) {
            connection.waitingSinceNs = nowNs;
        }
        if (lastWaiting == null) {
            firstWaiting = connection;
        } else {
            lastWaiting.nextWaiting = connection;
        }
        lastWaiting = connection;
    }

    boolean hasWaiting() {
        return firstWaiting != null;
    }

    /**
     * The connection that waits longest, taken off the queue, if there is something for it; else null. It may have been released
     * meanwhile.
     */
    Connection pollServable(long nowNs) {
        this.nowNs = nowNs;
        Connection connection = firstWaiting;
        if (connection == null) {
            return null;
        }
        if (connection.owner != null
                && !connection.is(Connection.TERMINATED | Connection.CLOSED)
                && !isServable(connection)) {
            if (connection.onlyGroup >= 0 && connection != lastWaiting) {
                firstWaiting = connection.nextWaiting; // one group is out, which must not keep the others waiting
                connection.nextWaiting = null;
                lastWaiting.nextWaiting = connection;
                lastWaiting = connection;
            }
            return null;
        }
        firstWaiting = connection.nextWaiting;
        if (firstWaiting == null) {
            lastWaiting = null;
        }
        connection.nextWaiting = null;
        connection.clear(Connection.WAITING);
        return connection;
    }

    /** When those who wait are to be looked at again, since promises may have become idle, or patience be over. */
    long nextDeadlineNs() {
        return firstWaiting == null ? Long.MAX_VALUE : nowNs + BRIEF_IDLE_NS;
    }

    private boolean isServable(Connection connection) {
        if (connection.is(Connection.STARVED)) {
            return groups.hasFree(connection.onlyGroup);
        }
        long need = need(connection, connection.consumed() + leastWindow(connection));
        reclaim(need, BRIEF_IDLE_NS);
        return need <= spareBytes(connection) || isPatienceOver(connection);
    }

    private boolean isPatienceOver(Connection connection) {
        return connection.waitingSinceNs != NOT_WAITING
                && nowNs - connection.waitingSinceNs >= PATIENCE_NS
                && groups.hasFree(connection.onlyGroup);
    }

    private void tune(Connection connection, long rttNs) {
        long consumed = connection.consumed();
        long moved = consumed - connection.roundConsumed;
        boolean isRoundOver = nowNs - connection.roundStartNs >= rttNs;
        if (!isRoundOver && 4 * moved < 3L * connection.window) {
            return;
        }
        if (2 * moved > connection.window) {
            connection.window = (int) Math.min(2 * Math.min(moved, connection.window), connection.credit);
        }
        connection.roundConsumed = consumed;
        connection.roundStartNs = nowNs;
        measureFill(connection);
    }

    /** What a byte costs of the pool, in sixteenths: a buffer counts as its size however little lies in it. */
    private void measureFill(Connection connection) {
        if (connection.boundBytes > 0 && connection.providedBytes > 0) {
            long measured = (long) connection.boundBytes * FILL_UNIT / connection.providedBytes;
            int fill = Math.clamp(measured, FILL_UNIT, MAX_FILL);
            connection.fill = (connection.fill + fill + 1) / 2;
            typicalFill = (7 * typicalFill + fill + 4) / 8;
            connection.boundBytes = 0;
            connection.providedBytes = 0;
        }
    }

    /** How far the window may reach as far as the pool is concerned. */
    private long affordable(Connection connection) {
        long granted = Math.max(connection.granted, connection.postedEnd);
        long kept = groups.capacityBytes() / NEWCOMER_SHARE;
        long least = connection.consumed() + leastWindow(connection);
        long limit = Math.max(level() * FILL_UNIT / connection.fill, Abi.LEAST_WINDOW);
        long wanted = connection.consumed() + Math.min(Math.min(connection.window, connection.credit), limit);
        if (wanted <= granted) {
            return wanted;
        }
        long need = need(connection, wanted);
        reclaim(need + kept, IDLE_NS);
        long spare = spareBytes(connection) - kept;
        if (need <= spare) {
            if (spare - need > groups.capacityBytes() / PLENTY_SHARE) {
                level += level / RAISE_SHARE;
            }
            return wanted;
        }
        level -= level / LOWER_SHARE;
        if (least <= granted) {
            // It is heard again when bytes are consumed. A little more would only be told to the peer again and again.
            return spare < Abi.LEAST_WINDOW
                    ? granted
                    : Math.min(wanted, granted + spare / 2 * FILL_UNIT / connection.fill);
        }
        long leastNeed = need(connection, least);
        reclaim(leastNeed, BRIEF_IDLE_NS);
        if (leastNeed <= spareBytes(connection) || isPatienceOver(connection)) {
            return least;
        }
        await(connection);
        return granted;
    }

    /**
     * What one connection may have of the pool: at least an equal share, more as long as there is plenty. The same for all, so
     * those who want little leave the rest to those who want much, and these share it equally.
     */
    private long level() {
        long capacity = groups.capacityBytes();
        level = Math.clamp(level, capacity / 2 / activeCount, capacity / 2);
        return level;
    }

    /** What a connection has at least if anything is to be had; a small pool is not given to one connection alone. */
    private long leastWindow(Connection connection) {
        return Math.min(connection.window, Math.clamp(groups.capacityBytes() / 4, 1, Abi.LEAST_WINDOW));
    }

    /** What the pool lacks for a window that ends there. */
    private long need(Connection connection, long edge) {
        return cost(connection, edge - connection.boundEnd) - connection.charge;
    }

    private long spareBytes(Connection connection) {
        long spare = spareBytes();
        return connection.onlyGroup < 0
                ? spare
                : Math.min(spare, groups.byId(connection.onlyGroup).freeBytes() - connection.charge);
    }

    /** Stops charging the promises to idle connections, the longest idle first, until so much is spare. */
    private void reclaim(long bytes, long idleNs) {
        for (int i = 0; i < RECLAIMED_AT_ONCE && spareBytes() < bytes; i++) {
            Connection quiet = leastActive;
            if (quiet == null || quiet.activeNs + idleNs > nowNs) {
                return;
            }
            if (quiet.unconsumed > 0 || quiet.placedEnd > quiet.delivered) {
                touch(quiet);
            } else {
                quiet.window = Math.min(quiet.window, INITIAL_BYTES);
                deactivate(quiet);
            }
        }
    }

    private void charge(Connection connection) {
        if (connection.is(Connection.ACTIVE)) {
            long charge = cost(connection, connection.granted - connection.boundEnd);
            promisedBytes += charge - connection.charge;
            connection.charge = charge;
        }
    }

    /** What bytes that may come would take of the pool: as the last ones did, and a buffer that they do not fill. */
    private long cost(Connection connection, long promise) {
        return promise <= 0 ? 0 : promise * connection.fill / FILL_UNIT + Math.min(promise, groups.typicalBytes());
    }

    private void deactivate(Connection connection) {
        if (connection.is(Connection.ACTIVE)) {
            connection.clear(Connection.ACTIVE);
            activeCount--;
            promisedBytes -= connection.charge;
            connection.charge = 0;
            unlink(connection);
        }
    }

    private void unlink(Connection connection) {
        Connection next = connection.nextActive;
        Connection previous = connection.previousActive;
        if (previous == null) {
            leastActive = next;
        } else {
            previous.nextActive = next;
        }
        if (next == null) {
            mostActive = previous;
        } else {
            next.previousActive = previous;
        }
        connection.nextActive = null;
        connection.previousActive = null;
    }
}
