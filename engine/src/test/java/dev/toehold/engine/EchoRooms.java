package dev.toehold.engine;

import dev.toehold.stack.ConnectionHandler;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.TimerWheel;
import dev.toehold.stack.link.LinkCounters;
import dev.toehold.tcp.Tcb;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The smallest rooms that make an engine: every lcore echoes what it receives on port 7 from a ring of bytes for each connection.
 * They show the stack and the poll loop by themselves, without sessions.
 */
final class EchoRooms implements Rooms {
    static final int PORT = 7;
    private static final int RING = 1 << 18;

    volatile LcoreStats stats;

    @Override
    public Applications newApplications(Engine engine, LcoreStack stack, LcoreCommands commands) {
        return new Echo(stack);
    }

    @Override
    public LcoreObserver newObserver(
            Engine engine, LcoreStack stack, LinkCounters linkCounters, LcoreStats stats, Applications applications) {
        this.stats = stats;
        return nowNs -> {};
    }

    @Override
    public void open(Engine engine) {}

    @Override
    public void start(Engine engine) {}

    @Override
    public void stop() {}

    @Override
    public void close() {}

    private static final class Ring {
        final MemorySegment bytes = Arena.ofAuto().allocate(RING);
        boolean isDue;
        boolean isEnded;
    }

    private static final class Echo implements Applications, ConnectionHandler {
        private final LcoreStack stack;
        private final Map<Integer, Ring> rings = new HashMap<>();
        private final List<Integer> due = new ArrayList<>();
        private boolean isListening;

        Echo(LcoreStack stack) {
            this.stack = stack;
        }

        private void due(Tcb tcb) {
            Ring ring = rings.get(tcb.index());
            if (ring != null && !ring.isDue) {
                ring.isDue = true;
                due.add(tcb.index());
            }
        }

        @Override
        public ConnectionHandler handler() {
            return this;
        }

        @Override
        public int pollSubmissions(long nowNs) {
            if (!isListening) {
                isListening = true;
                assert stack.listen(1, 0, 0, 0, PORT, 128) >= 0;
            }
            int work = due.size();
            for (int index : due) {
                Ring ring = rings.get(index);
                if (ring == null) {
                    continue;
                }
                ring.isDue = false;
                Tcb tcb = stack.tcbAt(index);
                stack.core().send(tcb, tcb.rcvNxt(), false, nowNs);
                stack.core().grantWindow(tcb, tcb.acknowledgedPosition() + RING, RING, nowNs);
                if (ring.isEnded) {
                    stack.core().close(tcb, nowNs);
                }
                stack.touch(stack.tcbAt(index));
            }
            due.clear();
            return work;
        }

        @Override
        public void publish(long nowNs) {}

        @Override
        public void wakeClients() {}

        @Override
        public boolean armWakeups() {
            return due.isEmpty();
        }

        @Override
        public void disarmWakeups() {}

        @Override
        public long nextDeadlineNs() {
            return TimerWheel.NEVER;
        }

        @Override
        public boolean onMemoryFault() {
            return false;
        }

        @Override
        public int place(Tcb tcb, long position, MemorySegment source, long sourceOffset, int length) {
            copy(source, sourceOffset, rings.get(tcb.index()).bytes, position & (RING - 1), length, false);
            return length;
        }

        @Override
        public boolean readPayload(
                Tcb tcb, long position, MemorySegment destination, long destinationOffset, int length) {
            copy(destination, destinationOffset, rings.get(tcb.index()).bytes, position & (RING - 1), length, true);
            return true;
        }

        private static void copy(
                MemorySegment packet, long at, MemorySegment ring, long from, int length, boolean out) {
            int first = (int) Math.min(length, RING - from);
            for (int part = 0; part < 2; part++) {
                long packetAt = part == 0 ? at : at + first;
                long ringAt = part == 0 ? from : 0;
                int bytes = part == 0 ? first : length - first;
                if (out) {
                    MemorySegment.copy(ring, ringAt, packet, packetAt, bytes);
                } else {
                    MemorySegment.copy(packet, packetAt, ring, ringAt, bytes);
                }
            }
        }

        @Override
        public void onDelivered(Tcb tcb, boolean push) {
            due(tcb);
        }

        @Override
        public void onEndOfStream(Tcb tcb) {
            rings.get(tcb.index()).isEnded = true;
            due(tcb);
        }

        @Override
        public void onAcknowledged(Tcb tcb) {
            due(tcb);
        }

        @Override
        public int initialCredit(int sessionId) {
            return RING;
        }

        @Override
        public boolean admits(int listenerIndex) {
            return true;
        }

        @Override
        public void onAccepted(Tcb tcb) {
            rings.put(tcb.index(), new Ring());
        }

        @Override
        public void onConnected(Tcb tcb) {}

        @Override
        public void onTerminated(Tcb tcb, int resultCode) {}

        @Override
        public void onFreed(Tcb tcb) {
            rings.remove(tcb.index());
        }
    }
}
