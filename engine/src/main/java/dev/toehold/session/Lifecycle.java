package dev.toehold.session;

import static dev.toehold.placement.OperationPool.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.placement.ReceiveBindings;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbFlags;

/**
 * What becomes of the connections of one lcore between their first and their last completion: events that are due, windows,
 * closing, termination, the return of the objects.
 *
 * <p>TCP calls back while it works on a connection, and must not be called for that connection then. So callbacks append what has
 * a promised slot and note the rest on the session's list of work, which {@link #settle} does before the completions are published.
 */
final class Lifecycle {
    /** Flag of a node: it answers an ABORT, not a CLOSE. */
    static final int ANSWERS_ABORT = 1;

    private static final int PORT_SHIFT = 16;
    private static final long NS_PER_US = 1_000L;

    private final TcpCommands tcp;
    private final AddressIndex addresses;
    private final ConnectionTable table;
    private final Copies copies;
    private final LingerWheel lingering;
    private final QuietBuffers quiet;
    private final SessionCounters counters;
    private int characteristic;

    Lifecycle(
            TcpCommands tcp,
            AddressIndex addresses,
            ConnectionTable table,
            Copies copies,
            LingerWheel lingering,
            QuietBuffers quiet,
            SessionCounters counters) {
        this.tcp = tcp;
        this.addresses = addresses;
        this.table = table;
        this.copies = copies;
        this.lingering = lingering;
        this.quiet = quiet;
        this.counters = counters;
    }

    /** {@link dev.toehold.abi.Option#CHARACTERISTIC} of connections to come. */
    void characteristic(int value) {
        characteristic = value;
    }

    /** A connection of this session gets its object. The caller has seen that the table has a spare one. */
    Connection open(LcoreSession owner, Tcb tcb, long userData) {
        Session session = owner.session;
        Connection connection = table.take(tcb.index());
        connection.open(
                owner,
                tcb.index(),
                Handle.of(tcb.lcore(), tcb.generation(), tcb.index()),
                userData,
                session.receiveCreditBytes(),
                session.limits().lingerNs());
        owner.credit.open(connection, tcb.rcvGrant());
        owner.link(connection);
        Classifier.force(connection, characteristic);
        tcb.set(TcbFlags.NODELAY, true); // Option.NO_DELAY's default
        return connection;
    }

    /**
     * A connection of an earlier engine gets its object again, its positions where its client says they are. The end of the stream is told
     * once more, since the client may not have heard of it.
     *
     * @param unconsumed bytes in provided buffers that the application has not taken
     */
    void resume(LcoreSession owner, Tcb tcb, long rcvPosition, long unconsumed) {
        Connection connection = table.take(tcb.index());
        connection.open(
                owner,
                tcb.index(),
                Handle.of(tcb.lcore(), tcb.generation(), tcb.index()),
                tcb.userData(),
                owner.session.receiveCreditBytes(),
                owner.session.limits().lingerNs());
        owner.credit.open(connection, tcb.rcvEdge());
        connection.resume(rcvPosition, unconsumed, tcb.acknowledgedPosition());
        Classifier.force(connection, characteristic);
        connection.rcvNxt = rcvPosition;
        connection.copiedEnd = rcvPosition;
        connection.resubmitEnd = tcb.finSent() >= 0 ? tcb.finSent() : Math.max(0, tcb.sndMax());
        owner.link(connection);
        connection.set(Connection.GRANT_DUE);
        if (tcb.finReceived() >= 0) {
            connection.set(Connection.ENDED | Connection.DELIVERY_DUE);
        }
        if (tcb.finSent() >= 0 && tcb.sndUna() > tcb.finSent()) {
            connection.set(Connection.SHUT);
        }
        owner.queue(connection);
    }

    /** After a restart the peer may acknowledge what its client has not submitted again yet. */
    void acknowledgeResubmitted(Connection connection) {
        if (connection.sendEnd <= connection.resubmitEnd) {
            Tcb tcb = tcp.tcb(connection.index);
            if (tcb.acknowledgedPosition() >= connection.sendEnd) {
                connection.owner.send.acknowledge(connection, connection.sendEnd);
            }
        }
    }

    /** ACCEPT now or, without a slot, when there is one; nothing else of the connection comes before it. */
    void accept(Connection connection, Tcb tcb) {
        connection.set(Connection.GRANT_DUE);
        if (connection.owner.queuePair.unpromised() > 0) {
            completeOpen(false, Op.ACCEPT, connection, tcb);
        } else {
            counters.deferredEvents++;
            connection.set(Connection.ACCEPT_DUE);
        }
        connection.owner.queue(connection);
    }

    void connected(Connection connection, Tcb tcb) {
        connection.clear(Connection.CONNECTING);
        connection.set(Connection.GRANT_DUE);
        completeOpen(true, Op.CONNECT, connection, tcb);
        connection.owner.pool.free(connection.connectNode);
        connection.connectNode = NONE;
        connection.owner.queue(connection);
    }

    /**
     * Does what is due for a connection on the list of work.
     *
     * @return false if it must wait for a completion slot
     */
    boolean settle(Connection connection, long nowNs) {
        LcoreSession owner = connection.owner;
        if (connection.is(Connection.ACCEPT_DUE)) {
            if (owner.queuePair.unpromised() <= 0) {
                return false;
            }
            connection.clear(Connection.ACCEPT_DUE);
            completeOpen(false, Op.ACCEPT, connection, tcp.tcb(connection.index));
        }
        if (connection.is(Connection.DELIVERY_DUE)) {
            if (!deliver(connection, 0)) {
                return false;
            }
            ServiceTimes.onDelivered(connection, nowNs);
        }
        if (connection.is(Connection.TERMINATION_DUE)) {
            if (owner.queuePair.unpromised() <= 0) {
                return false;
            }
            connection.clear(Connection.TERMINATION_DUE);
            owner.queuePair.complete(
                    false,
                    Op.TERMINATED,
                    connection.userData,
                    connection.handle,
                    connection.rcvNxt,
                    connection.terminationResult,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0);
        }
        if (!connection.is(Connection.TERMINATED | Connection.CLOSED | Connection.FREED)) {
            grant(connection, connection.is(Connection.GRANT_DUE), nowNs);
            watchQuiet(connection, nowNs);
        }
        connection.clear(Connection.GRANT_DUE);
        return true;
    }

    /** The connection waits for a slot: its peer must not learn of what its client cannot. */
    void holdCommit(Connection connection) {
        if (hasTcb(connection)) {
            tcp.holdCommit(tcp.tcb(connection.index));
        }
    }

    /** It waits no longer, unless for a copy engine. */
    void releaseCommit(Connection connection) {
        if (hasTcb(connection)) {
            Tcb tcb = tcp.tcb(connection.index);
            if (connection.is(Connection.COPYING)) {
                tcp.commitPart(tcb);
            } else {
                tcp.releaseCommit(tcb);
            }
        }
    }

    private static boolean hasTcb(Connection connection) {
        return !connection.is(Connection.TERMINATED | Connection.FREED);
    }

    /** Bytes of the connection that are still on their way are waited for. */
    void finishCopies(Connection connection) {
        copies.finish(connection);
    }

    /** Turns the contiguous prefix, as far as it lies in client memory, into completions. False if one must wait for a slot. */
    boolean deliver(Connection connection, int moreFlags) {
        LcoreSession owner = connection.owner;
        long before = owner.queuePair.appended();
        copies.advance(connection);
        boolean isAll = connection.copiedEnd == connection.rcvNxt;
        int flags = moreFlags;
        if (isAll && connection.is(Connection.PUSHED)) {
            flags |= connection.isBulk() ? ReceiveBindings.PUSH | ReceiveBindings.FILL : ReceiveBindings.PUSH;
            if (connection.isBulk() && hasTcb(connection)) {
                tcp.acknowledgeAtOnce(tcp.tcb(connection.index));
            }
        }
        boolean isEnding = isAll && connection.is(Connection.ENDED) && !connection.is(Connection.END_TOLD);
        if (isEnding) {
            flags |= ReceiveBindings.END_OF_STREAM;
        }
        if (!owner.receive.deliver(connection, connection.copiedEnd, flags)) {
            return false;
        }
        if (connection.isBulk() && !isEnding) {
            owner.patientCompletions += owner.queuePair.appended() - before;
        }
        connection.clear(isAll ? Connection.DELIVERY_DUE | Connection.PUSHED : Connection.DELIVERY_DUE);
        if (isEnding) {
            connection.set(Connection.END_TOLD);
        }
        return true;
    }

    /**
     * Lets the window follow what was posted and consumed, as far as the pool has it.
     *
     * @param always tell TCP even if the edge stands: buffers are back for a segment that found none
     */
    void grant(Connection connection, boolean always, long nowNs) {
        long before = connection.granted;
        Tcb tcb = tcp.tcb(connection.index);
        long edge = connection.owner.credit.edge(connection, tcb.srttUs() * NS_PER_US, nowNs);
        if (edge > before || edge > tcb.rcvEdge() || always) {
            // The window field counts units of 2^rcvWscale (RFC 7323 section 2.2). Rounded down, the last bytes of a
            // RECEIVE that is
            // not a multiple of the unit would lie beyond a window of 0 for ever; what comes in excess finds no room.
            long unit = 1L << tcb.rcvWscale();
            tcp.grantWindow(tcb, edge + unit - 1, bufferLength(connection, tcb, edge), nowNs);
        }
    }

    /**
     * RCV.BUFF of RFC 9293 section 3.8.6.2.2: what the application has not consumed, and the window. A RECEIVE whose end the peer may not reach
     * yet must not wait for more; nor may an application that has taken everything and says so later ({@link Abi#LEAST_WINDOW}).
     */
    private static long bufferLength(Connection connection, Tcb tcb, long edge) {
        if (connection.postedEnd > tcb.rcvEdge()) {
            return 0;
        }
        long length = Math.max(1, edge - connection.consumed());
        return Math.clamp(2 * (length - Abi.LEAST_WINDOW / 2), 1, length);
    }

    /** The application has taken bytes of provided buffers. */
    void consume(Connection connection, long count, long nowNs) {
        connection.unconsumed -= count;
        if (!connection.is(Connection.TERMINATED)) {
            grant(connection, false, nowNs);
            watchQuiet(connection, nowNs);
        }
    }

    /** A partly filled buffer is given back if nothing goes on in it for a while. */
    void watchQuiet(Connection connection, long nowNs) {
        if (connection.owner != null && connection.owner.receive.isHoldingPartlyFilled(connection, connection.rcvNxt)) {
            quiet.note(connection, nowNs);
        }
    }

    /** TCP is done with the connection: {@code result} says how, OK for an orderly end of both directions. */
    void terminate(Connection connection, Tcb tcb, int result) {
        LcoreSession owner = connection.owner;
        connection.rcvNxt = tcb.rcvNxt();
        connection.clear(Connection.COPYING);
        copies.finish(connection);
        connection.set(Connection.TERMINATED);
        owner.credit.close(connection);
        if (connection.is(Connection.CONNECTING)) {
            connection.clear(Connection.CONNECTING);
            int refusal = result == ResultCode.OK ? ResultCode.RESET : result;
            answer(owner, Op.CONNECT, connection.connectNode, 0, refusal);
            connection.connectNode = NONE;
            release(connection);
            return;
        }
        long acknowledged = tcb.acknowledgedPosition();
        if (result == ResultCode.OK) {
            owner.send.acknowledge(connection, acknowledged);
            finishShutdown(connection, ResultCode.OK);
            finishClose(connection);
            return;
        }
        if (connection.is(Connection.ENDED) && !connection.is(Connection.END_TOLD | Connection.CLOSED)) {
            deliver(connection, 0);
        }
        owner.receive.terminate(connection, connection.rcvNxt, result);
        owner.send.fail(connection, acknowledged, result);
        finishShutdown(connection, result);
        connection.clear(Connection.DELIVERY_DUE | Connection.PUSHED);
        if (connection.is(Connection.CLOSED)) {
            finishClose(connection);
        } else {
            connection.terminationResult = (byte) result;
            connection.set(Connection.TERMINATION_DUE);
            if (owner.queuePair.unpromised() <= 0) {
                counters.deferredEvents++;
            }
            owner.queue(connection);
        }
    }

    void acknowledge(Connection connection, Tcb tcb) {
        connection.owner.send.acknowledge(connection, tcb.acknowledgedPosition());
        finishAcknowledgedShutdown(connection, tcb);
        if (connection.is(Connection.CLOSED)) {
            finishClose(connection);
        }
    }

    /** The TCB is given back. Events that still wait keep the object, but not the index. */
    void freed(Connection connection, Tcb tcb) {
        table.forget(connection);
        if (!connection.is(Connection.TERMINATED)) {
            terminate(connection, tcb, ResultCode.RESET);
            if (connection.owner == null) {
                return;
            }
        }
        connection.set(Connection.FREED);
        if (!connection.is(Connection.DUE)) {
            release(connection);
        }
    }

    /** The client closes its handle: nothing is delivered any more; what was submitted stays until it is sent. */
    void close(Connection connection, int node, long nowNs) {
        LcoreSession owner = connection.owner;
        connection.closeNode = node;
        connection.set(Connection.CLOSED | Connection.SHUT);
        owner.credit.close(connection);
        connection.clear(Connection.TERMINATION_DUE | Connection.DELIVERY_DUE | Connection.ACCEPT_DUE);
        if (connection.is(Connection.TERMINATED)) {
            owner.receive.terminate(connection, connection.rcvNxt, ResultCode.CLOSED);
            finishClose(connection);
            return;
        }
        Tcb tcb = tcp.tcb(connection.index);
        if ((owner.pool.flags(node) & ANSWERS_ABORT) != 0) {
            tcp.abort(tcb, nowNs);
            return;
        }
        copies.finish(connection);
        if (connection.is(Connection.SLOTLESS | Connection.COPYING)) {
            connection.clear(Connection.COPYING);
            releaseCommit(connection); // there is nothing more to tell
        }
        owner.receive.terminate(connection, connection.rcvNxt, ResultCode.CLOSED);
        connection.deadlineNs = nowNs + connection.lingerNs();
        lingering.add(connection);
        int index = connection.index;
        tcp.close(tcb, nowNs);
        if (table.find(index) == connection) {
            finishClose(connection);
        }
    }

    /** Completes CLOSE or ABORT once nothing of the client's memory is needed any more. */
    private void finishClose(Connection connection) {
        if (connection.closeNode == NONE || connection.hasSends() || connection.shutdownNode != NONE) {
            return;
        }
        LcoreSession owner = connection.owner;
        boolean isAbort = (owner.pool.flags(connection.closeNode) & ANSWERS_ABORT) != 0;
        answer(owner, isAbort ? Op.ABORT : Op.CLOSE, connection.closeNode, connection.handle, ResultCode.OK);
        connection.closeNode = NONE;
        release(connection);
    }

    void finishAcknowledgedShutdown(Connection connection, Tcb tcb) {
        long finSent = tcb.finSent();
        if (finSent >= 0 && tcb.sndUna() > finSent) {
            finishShutdown(connection, ResultCode.OK);
        }
    }

    private void finishShutdown(Connection connection, int result) {
        if (connection.shutdownNode != NONE) {
            answer(connection.owner, Op.SHUTDOWN, connection.shutdownNode, connection.handle, result);
            connection.shutdownNode = NONE;
        }
    }

    /** The session has ended and TCP is done with the connection: nobody is left to be told. */
    void abandon(Connection connection) {
        connection.clear(Connection.DUE);
        connection.owner.receive.terminate(connection, connection.rcvNxt, ResultCode.RESET);
        connection.owner.send.fail(connection, connection.sendEnd, ResultCode.RESET);
        release(connection);
    }

    /** Nothing of the session refers to the connection any more; its TCB may live on. */
    void release(Connection connection) {
        LcoreSession owner = connection.owner;
        lingering.remove(connection);
        owner.credit.close(connection);
        table.forget(connection);
        owner.unlink(connection);
        connection.owner = null;
        table.recycle(connection);
    }

    /** Completes an operation that holds a node, and frees the node. */
    static void answer(LcoreSession owner, int op, int node, long handle, int result) {
        long userData = owner.pool.userData(node);
        owner.pool.free(node);
        owner.queuePair.complete(true, op, userData, handle, 0, result, 0, 0, 0, 0, 0, 0, 0);
    }

    private void completeOpen(boolean promised, int op, Connection connection, Tcb tcb) {
        long userData = op == Op.CONNECT ? connection.owner.pool.userData(connection.connectNode) : connection.userData;
        connection.owner.queuePair.complete(
                promised,
                op,
                userData,
                connection.handle,
                0,
                ResultCode.OK,
                0,
                addresses.indexOf(tcb.localHigh(), tcb.localLow()),
                0,
                0,
                tcb.remotePort() | tcb.localPort() << PORT_SHIFT,
                tcb.remoteHigh(),
                tcb.remoteLow());
    }
}
