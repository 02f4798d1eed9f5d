package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.toehold.net.Tcp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Two cores wired back to back by plain memory: text both ways, losses, reordering, opens and closes allocate nothing. */
class TcpAllocationTest {
    private static final int MSS = 1000;
    private static final int MAX_SEGMENTS = 512;
    private static final int CONNECTION_BYTES = 200_000;
    private static final int MEASURED_SEGMENTS = 1_000_000;

    /** A host without an application: it places nothing, grants everything, and drops or swaps segments by a counter. */
    private static final class Host implements TcpEffects, TcbStore {
        private final MemorySegment records = Arena.ofAuto().allocate(TcbLayout.LENGTH, 64);
        private final Tcb tcb = new Tcb(records);
        private final Segment segment = new Segment();
        private final TcpCounters counters = new TcpCounters();
        private final TcpCore core;
        private final MemorySegment wire = Arena.ofAuto().allocate(MAX_SEGMENTS * 64L);
        private final int[] payloads = new int[MAX_SEGMENTS];
        private final int[] optionLengths = new int[MAX_SEGMENTS];
        private final int[] numbers = new int[MAX_SEGMENTS * 4];
        private int queued;
        private long sent;
        private long deadlineNs;

        Host(TcpConfig config) {
            core = new TcpCore(config, this, this, counters);
            tcb.wrap(0).initialize();
        }

        void prepare() {
            tcb.initialize();
            tcb.family(4);
            tcb.iss((int) sent * 7919);
            tcb.ourMss(MSS);
            tcb.rcvGrant(1 << 20);
        }

        @Override
        public boolean transmit(Tcb t, TxSegment tx) {
            if (queued == MAX_SEGMENTS) {
                return false;
            }
            if (++sent % 61 == 0) {
                return true;
            }
            int at = sent % 37 == 0 && queued > 0 ? queued - 1 : queued;
            if (at < queued) {
                copy(at, queued);
            }
            tx.writeOptions(wire, at * 64L);
            optionLengths[at] = tx.optionsLength();
            payloads[at] = tx.payloadLength;
            numbers[4 * at] = tx.seq;
            numbers[4 * at + 1] = tx.ack;
            numbers[4 * at + 2] = tx.flags;
            numbers[4 * at + 3] = tx.window;
            queued++;
            return true;
        }

        private void copy(int from, int to) {
            MemorySegment.copy(wire, from * 64L, wire, to * 64L, 64);
            optionLengths[to] = optionLengths[from];
            payloads[to] = payloads[from];
            System.arraycopy(numbers, 4 * from, numbers, 4 * to, 4);
        }

        /** Gives what this host sent to the other one, as one burst. */
        long deliverTo(Host peer, long nowNs) {
            int count = queued;
            for (int i = 0; i < count; i++) {
                Segment s = peer.segment;
                s.seq = numbers[4 * i];
                s.ack = numbers[4 * i + 1];
                s.flags = numbers[4 * i + 2];
                s.window = numbers[4 * i + 3];
                s.options.parse(wire, i * 64L, optionLengths[i]);
                s.payloadLength = payloads[i];
                if (peer.tcb.state() == TcpState.FREE && s.flags == Tcp.SYN) {
                    peer.prepare();
                    peer.core.passiveOpen(peer.tcb, s, nowNs);
                } else if (peer.tcb.state() != TcpState.FREE) {
                    peer.core.onSegment(peer.tcb, s, nowNs);
                }
            }
            queued = 0;
            if (peer.tcb.state() != TcpState.FREE) {
                peer.core.onBurstEnd(peer.tcb, nowNs);
            }
            return count;
        }

        void run(long nowNs) {
            if (tcb.state() == TcpState.FREE) {
                return;
            }
            if (deadlineNs <= nowNs) {
                core.onTimer(tcb, nowNs);
            }
            if (tcb.state() >= TcpState.ESTABLISHED) {
                core.grantWindow(tcb, tcb.rcvPosition() + (1 << 20), 1 << 20, nowNs);
                if (tcb.submitted() < CONNECTION_BYTES) {
                    core.send(tcb, Math.min(CONNECTION_BYTES, tcb.submitted() + 30_000), false, nowNs);
                } else {
                    core.shutdown(tcb, nowNs);
                }
            }
        }

        @Override
        public int place(Tcb t, long position, Segment s, int payloadOffset, int length) {
            return length;
        }

        @Override
        public void onDelivered(Tcb t, boolean push) {}

        @Override
        public void onEndOfStream(Tcb t) {}

        @Override
        public void onAcknowledged(Tcb t) {}

        @Override
        public void onConnected(Tcb t) {}

        @Override
        public void onAccepted(Tcb t) {}

        @Override
        public void onTerminated(Tcb t, int reason) {}

        @Override
        public void onFreed(Tcb t) {
            free(t);
        }

        @Override
        public void onDeadline(Tcb t, long deadline) {
            deadlineNs = deadline;
        }

        @Override
        public long random() {
            return 4;
        }

        @Override
        public void publish(Tcb t, int state) {
            t.stateRelease(state);
        }

        @Override
        public void free(Tcb t) {
            t.stateRelease(TcpState.FREE);
        }

        @Override
        public void commitState(Tcb t, int state) {
            t.stateRelease(state);
        }

        @Override
        public void commitRcvPosition(Tcb t, long position) {
            t.rcvPositionRelease(position);
        }

        @Override
        public void commitRcvEdge(Tcb t, long position) {
            t.rcvEdgeRelease(position);
        }

        @Override
        public void commitSndMax(Tcb t, long position) {
            t.sndMaxRelease(position);
        }

        @Override
        public void commitSndUna(Tcb t, long position) {
            t.sndUnaRelease(position);
        }

        @Override
        public void commitFinSent(Tcb t, long position) {
            t.finSentRelease(position);
        }

        @Override
        public void commitFinReceived(Tcb t, long position) {
            t.finReceivedRelease(position);
        }

        @Override
        public void commitEnding(Tcb tcb, int flags) {
            tcb.flagsRelease(flags);
        }

        @Override
        public void commitTimestampOffset(Tcb t, int offset) {
            t.tsOffsetRelease(offset);
        }
    }

    private final TcpConfig config =
            TcpConfig.builder().timeWaitNs(1_000_000).pools(4, 4).build();
    private final Host client = new Host(config);
    private final Host server = new Host(config);
    private long nowNs = 1_000_000_000;
    private int connections;
    private int resets;

    private long exchange(long segments) {
        long done = 0;
        while (done < segments) {
            nowNs += 1_000_000;
            if (client.tcb.state() == TcpState.FREE && server.tcb.state() == TcpState.FREE) {
                client.prepare();
                client.core.activeOpen(client.tcb, nowNs);
                connections++;
            }
            if (connections % 16 == 0 && client.tcb.submitted() == CONNECTION_BYTES) {
                client.core.abort(client.tcb, nowNs);
                server.core.abort(server.tcb, nowNs);
                resets++;
            }
            done += client.deliverTo(server, nowNs);
            done += server.deliverTo(client, nowNs);
            client.run(nowNs);
            server.run(nowNs);
        }
        return done;
    }

    @Test
    void shouldAllocateNothingPerSegment() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        long least = Long.MAX_VALUE;
        // A round in which the JVM itself allocates on this thread (it does when it compiles) is not the core's fault.
        exchange(300_000);
        for (int round = 0; round < 3 && least != 0; round++) {
            long before = threads.getThreadAllocatedBytes(thread);
            exchange(MEASURED_SEGMENTS);
            least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
        }
        assertTrue(connections > 100, "connections=" + connections);
        long recoveries =
                client.counters.get(TcpCounters.FAST_RECOVERIES) + server.counters.get(TcpCounters.FAST_RECOVERIES);
        assertTrue(recoveries > 100, "fastRecoveries=" + recoveries);
        assertTrue(server.counters.get(TcpCounters.OUT_OF_ORDER_IN) > 100);
        assertTrue(resets > 100, "resets=" + resets);
        assertEquals(0, least, "bytes allocated in a million segments");
    }
}
