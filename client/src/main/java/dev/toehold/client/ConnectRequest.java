package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.Condition;

/** One CONNECT and who waits for it. Guarded by the lane's lock. */
final class ConnectRequest implements QueuePairCore.ConnectSink {
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

    /** Submits and waits; the engine keeps the time. */
    Connection connect(int localPort, int timeoutMs) throws IOException {
        long high = Endpoints.high(remote.getAddress());
        long low = Endpoints.low(remote.getAddress());
        lane.lock();
        try {
            while (true) {
                int offered = lane.core().connect(high, low, remote.getPort(), localPort, timeoutMs, this);
                if (offered == ResultCode.OK) {
                    break;
                }
                if (offered != ResultCode.BACK_PRESSURED) {
                    throw failed(offered);
                }
                lane.awaitRoom();
            }
            while (connection == null && code == 0) {
                lane.await(changed, 0);
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

    private IOException failed(int failedCode) {
        return ToeholdException.of(failedCode, "connect to " + remote);
    }
}
