package dev.toehold.session;

import static dev.toehold.placement.OperationPool.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionFlag;
import dev.toehold.placement.ReceiveBindings;
import dev.toehold.tcp.Tcb;

/**
 * Takes submissions and does what they ask, or says why not. Each holds one promised slot when it comes here, and leaves with it
 * either completed or held by a node.
 */
final class Verbs {
    /** Not a result: the submission was taken and is answered later, or needs no answer. */
    private static final int TAKEN = 1;

    private static final long MS_NS = 1_000_000L;
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_DIFFSERV = 63;
    private static final int MAX_BACKLOG = 0xffff;
    private static final long MAX_TIME_NS = 86_400_000_000_000L;

    private final TcpCommands tcp;
    private final ConnectionTable table;
    private final Listeners listeners;
    private final Lifecycle lifecycle;
    private final SessionCounters counters;
    private final ServiceTimes serviceTimes;

    Verbs(TcpCommands tcp, ConnectionTable table, Listeners listeners, Lifecycle lifecycle, SessionCounters counters) {
        this.tcp = tcp;
        this.table = table;
        this.listeners = listeners;
        this.lifecycle = lifecycle;
        this.counters = counters;
        serviceTimes = new ServiceTimes(counters.serviceTimes());
    }

    void execute(LcoreSession owner, Submission submission, long nowNs) {
        int result = submission.hasReservedZero() && (submission.flags == 0 || submission.op == Op.SEND)
                ? dispatch(owner, submission, nowNs)
                : ResultCode.INVALID;
        if (submission.op != Op.SEND) {
            owner.brokenChain = 0;
        }
        if (result == TAKEN) {
            return;
        }
        if (result < 0) {
            counters.refused++;
        }
        owner.queuePair.complete(
                true, submission.op, submission.userData, submission.handle, 0, result, 0, 0, 0, 0, 0, 0, 0);
    }

    private int dispatch(LcoreSession owner, Submission submission, long nowNs) {
        return switch (submission.op) {
            case Op.NOP -> nop(submission);
            case Op.RECEIVE -> receive(owner, submission, nowNs);
            case Op.CONSUMED -> consumed(owner, submission, nowNs);
            case Op.SEND -> send(owner, submission, nowNs);
            case Op.FLUSH -> flush(owner, submission, nowNs);
            case Op.LISTEN -> listen(owner, submission);
            case Op.CONNECT -> connect(owner, submission, nowNs);
            case Op.SHUTDOWN -> shutdown(owner, submission, nowNs);
            case Op.CLOSE -> close(owner, submission, 0, nowNs);
            case Op.ABORT -> close(owner, submission, Lifecycle.ANSWERS_ABORT, nowNs);
            case Op.SET_OPTION -> setOption(owner, submission, nowNs);
            default -> ResultCode.INVALID;
        };
    }

    private static int nop(Submission s) {
        boolean isClean =
                s.minLength == 0 && s.handle == 0 && s.position == 0 && s.region == 0 && s.length == 0 && s.offset == 0;
        return isClean && s.arg == 0 ? ResultCode.OK : ResultCode.INVALID;
    }

    private int receive(LcoreSession owner, Submission s, long nowNs) {
        Connection connection = find(owner, s.handle);
        int state = checkOpen(connection);
        if (state != ResultCode.OK && !isPastEnd(connection)) {
            return state;
        }
        // Posted before its client knew of the end, it may leave a gap that nothing will ever fill.
        long position = connection.is(Connection.ENDED) ? Math.min(s.position, connection.boundEnd) : s.position;
        int result = owner.receive.post(connection, position, s.region, s.offset, s.length, s.minLength, s.userData);
        if (result != ResultCode.OK) {
            return result;
        }
        if (!connection.is(Connection.ENDED)) {
            lifecycle.grant(connection, false, nowNs);
        } else if (!connection.is(Connection.END_TOLD)) {
            connection.set(Connection.DELIVERY_DUE);
            owner.queue(connection);
        } else if (connection.hasBindings()) {
            owner.receive.deliver(connection, connection.rcvNxt, ReceiveBindings.END_OF_STREAM);
        }
        return TAKEN;
    }

    private int consumed(LcoreSession owner, Submission s, long nowNs) {
        Connection connection = find(owner, s.handle);
        if (connection == null) {
            return ResultCode.STALE;
        }
        if (connection.is(Connection.CLOSED)) {
            return ResultCode.CLOSED;
        }
        if (s.arg <= 0 || s.arg > connection.unconsumed) {
            return ResultCode.INVALID;
        }
        lifecycle.consume(connection, s.arg, nowNs);
        owner.queuePair.release();
        return TAKEN;
    }

    private int send(LcoreSession owner, Submission s, long nowNs) {
        boolean isLinked = (s.flags & SubmissionFlag.LINKED) != 0;
        boolean isBroken = owner.brokenChain != 0 && owner.brokenChain == s.handle;
        int result = isBroken || (s.flags & ~SubmissionFlag.ALL) != 0 ? ResultCode.INVALID : append(owner, s, nowNs);
        // What is linked behind a refused SEND must not go out in its place.
        owner.brokenChain = result < 0 && isLinked ? s.handle : 0;
        return result;
    }

    private int append(LcoreSession owner, Submission s, long nowNs) {
        Connection connection = find(owner, s.handle);
        int state = checkOpen(connection);
        if (state != ResultCode.OK) {
            return state;
        }
        if (connection.is(Connection.SHUT)) {
            return ResultCode.CLOSED;
        }
        boolean isEarly = (s.flags & SubmissionFlag.EARLY) != 0;
        int result = owner.send.append(connection, s.position, s.region, s.offset, s.length, isEarly, s.userData);
        if (result != ResultCode.OK) {
            return result;
        }
        serviceTimes.onSubmitted(connection, nowNs);
        Classifier.onSubmitted(connection, s.length);
        boolean isMore = (s.flags & (SubmissionFlag.MORE | SubmissionFlag.LINKED)) != 0;
        tcp.send(tcp.tcb(connection.index), connection.sendEnd, isMore, nowNs);
        lifecycle.acknowledgeResubmitted(connection);
        return TAKEN;
    }

    private int flush(LcoreSession owner, Submission s, long nowNs) {
        Connection connection = find(owner, s.handle);
        int state = checkOpen(connection);
        if (state != ResultCode.OK) {
            return state;
        }
        flush(connection, nowNs);
        return ResultCode.OK;
    }

    /** FLUSH of a connection that is open. */
    void flush(Connection connection, long nowNs) {
        lifecycle.finishCopies(connection);
        lifecycle.deliver(connection, ReceiveBindings.UNBIND);
        if (connection.postedCount() > 0) {
            if (connection.placedEnd > connection.rcvNxt) {
                tcp.forgetOutOfOrder(tcp.tcb(connection.index));
            }
            connection.owner.receive.flush(connection, connection.rcvNxt);
            lifecycle.grant(connection, false, nowNs);
        }
        tcp.flush(tcp.tcb(connection.index), nowNs);
    }

    private int listen(LcoreSession owner, Submission s) {
        int credit = s.minLength;
        int backlog = s.length;
        if (s.handle != 0
                || s.region != 0
                || credit < 0
                || backlog < 1
                || backlog > MAX_BACKLOG
                || s.arg < 1
                || s.arg > MAX_PORT) {
            return ResultCode.INVALID;
        }
        SessionLimits limits = owner.session.limits();
        if (!limits.listen().allowsLocal(s.position, s.offset, (int) s.arg)) {
            counters.listenDenied++;
            return refused(owner, ResultCode.DENIED);
        }
        if (owner.listenerCount >= limits.maxListeners()) {
            counters.quotaRefused++;
            return refused(owner, ResultCode.LIMIT);
        }
        int index = tcp.listen(owner.session.id(), s.userData, s.position, s.offset, (int) s.arg, backlog);
        if (index < 0) {
            return index;
        }
        LcoreSession.Listener listener = listeners.open(owner, index, tcp.listenerHandle(index), s.userData, credit);
        // The slot that the submission holds is for the end; this one comes on top.
        owner.queuePair.complete(
                false, Op.LISTEN, s.userData, listener.handle, 0, ResultCode.OK, CompletionFlag.MORE, 0, 0, 0, 0, 0, 0);
        listeners.announce(listener, s.position, s.offset, (int) s.arg, backlog);
        return TAKEN;
    }

    private int connect(LcoreSession owner, Submission s, long nowNs) {
        int remotePort = (int) s.arg & MAX_PORT;
        int localPort = (int) (s.arg >>> 16) & MAX_PORT;
        if (s.handle != 0 || s.region < 0 || s.length != 0 || s.minLength < 0 || s.arg >>> 32 != 0 || remotePort == 0) {
            return ResultCode.INVALID;
        }
        SessionLimits limits = owner.session.limits();
        if (localPort != 0 && !limits.listen().allowsPort(localPort)) {
            counters.listenDenied++;
            return refused(owner, ResultCode.DENIED);
        }
        if (!limits.connect().allows(s.position, s.offset, remotePort)) {
            counters.connectDenied++;
            return refused(owner, ResultCode.DENIED);
        }
        if (owner.connectionCount >= limits.maxConnections()) {
            counters.quotaRefused++;
            return refused(owner, ResultCode.LIMIT);
        }
        if (!table.hasSpare()) {
            return ResultCode.LIMIT;
        }
        int index = tcp.connect(
                owner.session.id(),
                s.userData,
                s.position,
                s.offset,
                remotePort,
                s.region - 1,
                localPort,
                s.minLength * MS_NS,
                nowNs);
        if (index < 0) {
            return index;
        }
        Connection connection = lifecycle.open(owner, tcp.tcb(index), s.userData);
        connection.set(Connection.CONNECTING);
        connection.connectNode = node(owner, s.userData, 0);
        return TAKEN;
    }

    private static int refused(LcoreSession owner, int result) {
        owner.deniedCount++;
        return result;
    }

    private int shutdown(LcoreSession owner, Submission s, long nowNs) {
        Connection connection = find(owner, s.handle);
        int state = checkOpen(connection);
        if (state != ResultCode.OK) {
            return state;
        }
        if (connection.is(Connection.SHUT)) {
            return ResultCode.CLOSED;
        }
        connection.set(Connection.SHUT);
        connection.shutdownNode = node(owner, s.userData, 0);
        Tcb tcb = tcp.tcb(connection.index);
        tcp.shutdown(tcb, nowNs);
        lifecycle.finishAcknowledgedShutdown(connection, tcb);
        return TAKEN;
    }

    private int close(LcoreSession owner, Submission s, int nodeFlags, long nowNs) {
        LcoreSession.Listener listener = listeners.find(owner, s.handle);
        if (listener != null) {
            long listenUserData = listener.userData;
            listeners.close(listener, nowNs);
            owner.queuePair.complete(
                    true, Op.LISTEN, listenUserData, s.handle, 0, ResultCode.CLOSED, 0, 0, 0, 0, 0, 0, 0);
            return ResultCode.OK;
        }
        Connection connection = find(owner, s.handle);
        if (connection == null) {
            return ResultCode.STALE;
        }
        if (connection.is(Connection.CLOSED)) {
            return ResultCode.CLOSED;
        }
        lifecycle.close(connection, node(owner, s.userData, nodeFlags), nowNs);
        return TAKEN;
    }

    private int setOption(LcoreSession owner, Submission s, long nowNs) {
        long value = s.arg;
        if (s.length == Option.ACCEPT_CREDIT) {
            LcoreSession.Listener listener = listeners.find(owner, s.handle);
            if (listener == null) {
                return ResultCode.STALE;
            }
            if (value < 0 || value > Integer.MAX_VALUE) {
                return ResultCode.INVALID;
            }
            listener.credit = (int) Math.min(Integer.MAX_VALUE, listener.credit + value);
            return ResultCode.OK;
        }
        Connection connection = find(owner, s.handle);
        int state = checkOpen(connection);
        if (state != ResultCode.OK) {
            return state;
        }
        Tcb tcb = tcp.tcb(connection.index);
        SessionLimits limits = owner.session.limits();
        switch (s.length) {
            case Option.NO_DELAY -> {
                if (value != 0 && value != 1) {
                    return ResultCode.INVALID;
                }
                tcp.noDelay(tcb, value == 1, nowNs);
            }
            case Option.USER_DATA -> {
                connection.userData = value;
                tcb.userData(value); // an engine that resumes it finds it there
            }
            case Option.RECEIVE_CREDIT -> {
                if (value < 0) {
                    return ResultCode.INVALID;
                }
                owner.credit.limit(connection, Math.min(value, limits.maxReceiveCreditBytes()));
                lifecycle.grant(connection, false, nowNs);
            }
            case Option.KEEP_ALIVE_NS -> {
                if (value < 0 || value > MAX_TIME_NS) {
                    return ResultCode.INVALID;
                }
                tcp.keepAlive(tcb, value, nowNs);
            }
            case Option.USER_TIMEOUT_NS -> {
                if (value < 0 || value > MAX_TIME_NS) {
                    return ResultCode.INVALID;
                }
                tcp.userTimeout(tcb, value, nowNs);
            }
            case Option.LINGER_NS -> {
                if (value < 0 || value > limits.maxLingerNs()) {
                    return ResultCode.INVALID;
                }
                connection.lingerNs(value);
            }
            case Option.DIFFSERV -> {
                if (value < 0 || value > MAX_DIFFSERV) {
                    return ResultCode.INVALID;
                }
                tcb.trafficClass((int) value << 2); // the two bits below are ECN's
            }
            case Option.CHARACTERISTIC -> {
                if (value < Option.CHARACTERISTIC_AUTO || value > Option.CHARACTERISTIC_BULK) {
                    return ResultCode.INVALID;
                }
                Classifier.force(connection, (int) value);
            }
            case Option.BUFFER_GROUP -> {
                if (value != -1 && (value < 0 || value >= Abi.MAX_GROUPS || owner.groups.byId((int) value) == null)) {
                    return ResultCode.INVALID;
                }
                connection.onlyGroup = (int) value;
            }
            default -> {
                return ResultCode.INVALID;
            }
        }
        return ResultCode.OK;
    }

    /** The session's connection of this handle, or null. A CONNECT that is not answered has no handle yet. */
    private Connection find(LcoreSession owner, long handle) {
        Connection connection = table.find(Handle.index(handle));
        return connection != null
                        && connection.handle == handle
                        && connection.owner == owner
                        && !connection.is(Connection.CONNECTING)
                ? connection
                : null;
    }

    /** The stream has ended well and the handle is not closed: a RECEIVE is told so, whatever TCP does meanwhile. */
    private static boolean isPastEnd(Connection connection) {
        return connection != null
                && connection.is(Connection.ENDED)
                && !connection.is(Connection.CLOSED)
                && connection.terminationResult == ResultCode.OK;
    }

    private static int checkOpen(Connection connection) {
        if (connection == null) {
            return ResultCode.STALE;
        }
        if (connection.is(Connection.CLOSED)) {
            return ResultCode.CLOSED;
        }
        if (connection.is(Connection.TERMINATED)) {
            return connection.terminationResult == ResultCode.OK ? ResultCode.CLOSED : connection.terminationResult;
        }
        return ResultCode.OK;
    }

    private static int node(LcoreSession owner, long userData, int flags) {
        int node = owner.pool.allocate();
        if (node == NONE) {
            throw new IllegalStateException("operation pool is dry though slots are promised");
        }
        owner.pool.userData(node, userData);
        owner.pool.flags(node, flags);
        return node;
    }
}
