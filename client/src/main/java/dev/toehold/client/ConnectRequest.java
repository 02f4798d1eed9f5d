package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.Condition;

/** One CONNECT and who waits for it. Guarded by the lane's lock. */
final class ConnectRequest implements QueuePairCore.ConnectSink {
    private static final long NS_PER_MS = 1_000_000;

    private final Lane lane;
    private final Condition changed;
    private final InetSocketAddress remote;
    private Connection connection;
    private int code;
    private boolean isAbandoned;

    ConnectRequest(Lane lane, InetSocketAddress remote) {
        this.lane = lane;
        this.changed = lane.newCondition();
        this.remote = remote;
    }

    @Override
    public void onConnected(ConnectionCore core, int localPort, int localAddressIndex) {
        if (isAbandoned) {
            core.close(true);
            return;
        }
        InetSocketAddress local = new InetSocketAddress(lane.session().localAddress(localAddressIndex), localPort);
        connection = new Connection(lane, core, remote, local);
        changed.signalAll();
    }

    @Override
    public void onFailed(int failedCode) {
        code = failedCode;
        changed.signalAll();
    }

    /** Submits and waits. The engine keeps the time; if it says nothing for much longer than that, it is not waited for. */
    Connection connect(int localAddress, int localPort, int timeoutMs) throws IOException {
        long high = Endpoints.high(remote.getAddress());
        long low = Endpoints.low(remote.getAddress());
        long patienceNs = lane.session().patience().toNanos();
        long deadlineNs = timeoutMs == 0 ? 0 : Lane.deadlineNs(timeoutMs * NS_PER_MS + patienceNs);
        lane.lock();
        try {
            while (true) {
                int offered =
                        lane.core().connect(high, low, remote.getPort(), localAddress, localPort, timeoutMs, this);
                if (offered == ResultCode.OK) {
                    break;
                }
                if (offered != ResultCode.BACK_PRESSURED) {
                    throw failed(offered);
                }
                if (!lane.awaitRoom(deadlineNs)) {
                    throw engineSilent(timeoutMs);
                }
            }
            while (connection == null && code == 0) {
                if (!lane.await(changed, deadlineNs)) {
                    throw engineSilent(timeoutMs);
                }
            }
            if (connection == null) {
                throw failed(code);
            }
            return connection;
        } finally {
            isAbandoned = connection == null;
            lane.unlock();
        }
    }

    private IOException engineSilent(int timeoutMs) {
        return new SocketTimeoutException(
                "connect to " + remote + ": the engine gave no answer within timeout=" + timeoutMs + " ms and patience="
                        + lane.session().patience() + "; is it stopped? `toehold status` tells");
    }

    private IOException failed(int failedCode) {
        return ToeholdException.of(failedCode, "connect to " + remote);
    }
}
