package dev.toehold.stack;

import dev.toehold.net.ParsedPacket;
import java.lang.foreign.MemorySegment;

/** A link with one neighbour: its MAC is known, or becomes known when a test says so. */
final class KnownNeighbour implements LinkLayer {
    long mac;

    KnownNeighbour(long mac) {
        this.mac = mac;
    }

    @Override
    public long resolve(int portIndex, long addressHigh, long addressLow, long nowNs) {
        return mac;
    }

    @Override
    public void onReachable(int portIndex, long addressHigh, long addressLow, long nowNs) {}

    @Override
    public void onPacket(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {}

    @Override
    public int pollTimers(long nowNs) {
        return 0;
    }

    @Override
    public long nextDeadlineNs() {
        return TimerWheel.NEVER;
    }
}
