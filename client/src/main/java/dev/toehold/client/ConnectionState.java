package dev.toehold.client;

/** {@link Connection}'s view of how far both directions have come, and may come. */
final class ConnectionState {
    private final Lane lane;
    private final ConnectionCore core;

    ConnectionState(Lane lane, ConnectionCore core) {
        this.lane = lane;
        this.core = core;
    }

    boolean isOpen() {
        lane.lock();
        try {
            return !core.isClosing() && core.terminatedCode() == 0;
        } finally {
            lane.unlock();
        }
    }

    void receiveCredit(int bytes) {
        lane.lock();
        try {
            core.received().credit(bytes);
        } finally {
            lane.unlock();
        }
    }

    long receivedPosition() {
        lane.lock();
        try {
            return core.received().receivedPosition();
        } finally {
            lane.unlock();
        }
    }

    long urgentEnd() {
        lane.lock();
        try {
            return core.received().urgentEnd();
        } finally {
            lane.unlock();
        }
    }

    long consumedPosition() {
        lane.lock();
        try {
            return core.received().consumedPosition();
        } finally {
            lane.unlock();
        }
    }

    long submittedPosition() {
        lane.lock();
        try {
            return core.submittedPosition();
        } finally {
            lane.unlock();
        }
    }

    long acknowledgedPosition() {
        lane.lock();
        try {
            return core.acknowledgedPosition();
        } finally {
            lane.unlock();
        }
    }
}
