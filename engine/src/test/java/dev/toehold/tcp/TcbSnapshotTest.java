package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TcbSnapshotTest {
    @Test
    void shouldCopyARecordThatRests() {
        ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();
        peer.core.send(peer.tcb, 500, false, peer.nowNs);
        TcbSnapshot snapshot = new TcbSnapshot(peer.store.records);
        Tcb copy = snapshot.take(peer.tcb.index());
        assertTrue(snapshot.isStable());
        assertEquals(TcpState.ESTABLISHED, copy.state());
        assertEquals(500, copy.sndMax());
        assertEquals("slow-start", TcbPhases.congestion(copy));
        assertEquals("retransmission", TcbPhases.retransmissionTimer(copy));
        peer.ack(500);
        assertEquals(0, copy.sndUna(), "a copy");
    }

    @Test
    void shouldCountWhatLossCosts() {
        ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().sack(true).build()).established();
        peer.core.send(peer.tcb, 3000, false, peer.nowNs);
        int sentAtMs = (int) (peer.nowNs / ScriptedPeer.MS);
        assertEquals(sentAtMs, peer.tcb.lastSendMs());
        assertEquals(3000, peer.tcb.bytesSent());
        assertEquals(0, peer.tcb.bytesRetransmitted());
        peer.toDeadline(); // the tail loss probe
        long probed = peer.tcb.bytesRetransmitted();
        assertEquals(1000, probed);
        peer.toDeadline();
        assertEquals(1, peer.tcb.timeouts());
        assertEquals("loss", TcbPhases.recovery(peer.tcb));
        assertTrue(peer.tcb.bytesRetransmitted() > probed);
        assertEquals(3000 + peer.tcb.bytesRetransmitted(), peer.tcb.bytesSent());
        assertNotEquals(sentAtMs, peer.tcb.lastSendMs());
        peer.ack(3000, 0, 1000);
        assertEquals(1, peer.tcb.dsacksIn());
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.inject(Tcp.ACK, 0, 3001, 0);
        assertEquals(3000 + peer.tcb.bytesRetransmitted(), peer.tcb.bytesSent(), "a FIN is no text");
    }

    @Test
    void shouldNeverMixTwoMomentsUnnoticed() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment records = arena.allocate(TcbLayout.LENGTH, 64);
            Thread writer = Thread.ofPlatform().start(() -> {
                Tcb tcb = new Tcb(records).wrap(0);
                for (long i = 0; !Thread.currentThread().isInterrupted(); i++) {
                    // As a burst would: first one end of the record, then the other.
                    tcb.segmentsIn(i);
                    tcb.sndMaxRelease(i);
                    tcb.stateRelease((int) i);
                    for (int pause = 0; pause < 100; pause++) {
                        Thread.onSpinWait();
                    }
                }
            });
            TcbSnapshot snapshot = new TcbSnapshot(records);
            for (int stable = 0; stable < 20_000; ) {
                Tcb copy = snapshot.take(0);
                if (snapshot.isStable()) {
                    stable++;
                    long ahead = copy.segmentsIn() - copy.sndMax();
                    assertTrue(ahead == 0 || ahead == 1, () -> "ahead=" + ahead);
                }
            }
            writer.interrupt();
            writer.join();
        }
    }
}
