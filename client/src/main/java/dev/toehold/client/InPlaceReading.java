package dev.toehold.client;

import java.lang.foreign.MemorySegment;

/** {@link Connection}'s view of the received bytes where they lie. */
final class InPlaceReading {
    private final Lane lane;
    private final ConnectionCore core;
    private final ReceivedChain chain;
    private final ProvidedBuffers buffers;

    InPlaceReading(Lane lane, ConnectionCore core) {
        this.lane = lane;
        this.core = core;
        this.chain = core.received().chain();
        this.buffers = lane.core().buffers();
    }

    long available() {
        lane.lock();
        try {
            return chain.bytes();
        } finally {
            lane.unlock();
        }
    }

    int length() {
        lane.lock();
        try {
            return chain.isEmpty() ? 0 : chain.headLength();
        } finally {
            lane.unlock();
        }
    }

    MemorySegment view() {
        lane.lock();
        try {
            if (chain.isEmpty()) {
                return MemorySegment.NULL;
            }
            long offset = buffers.offset(chain.headKey()) + chain.headOffset();
            return buffers.memory(chain.headKey())
                    .asSlice(offset, chain.headLength())
                    .asReadOnly();
        } finally {
            lane.unlock();
        }
    }

    MemorySegment memory() {
        lane.lock();
        try {
            return buffers.memory(chain.headKey());
        } finally {
            lane.unlock();
        }
    }

    long offset() {
        lane.lock();
        try {
            return buffers.offset(chain.headKey()) + chain.headOffset();
        } finally {
            lane.unlock();
        }
    }

    void consumed(int length) {
        lane.lock();
        try {
            if (core.isClosing()) {
                return;
            }
            int most = chain.isEmpty() ? 0 : chain.headLength();
            if (length < 1 || length > most) {
                throw new IllegalArgumentException("length=" + length + ", allowed: 1 .. " + most);
            }
            core.consumeHead(length);
        } finally {
            lane.unlock();
        }
    }

    boolean isEndOfStream() {
        lane.lock();
        try {
            return core.received().isEndOfStream() && chain.isEmpty();
        } finally {
            lane.unlock();
        }
    }
}
