package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.tcp.TcbLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** An idle connection costs its record and an object, and no payload memory. */
class IdleConnectionsTest {
    private static final int CONNECTIONS = 10_000;
    private static final int BUFFERS = 512;
    private static final int BUFFER_BYTES = 2048;
    private static final long MAX_HEAP_BYTES = 384;

    private final byte[] message = new byte[200];

    @Test
    void shouldHoldNothingForTenThousandConnectionsThatHaveGoneQuiet() {
        try (Rig rig = new Rig(CONNECTIONS)) {
            Rig.Attached attached =
                    rig.attach(1024, 4096, 1024, rig.arena.allocate((long) BUFFERS * BUFFER_BYTES, 64), 1 << 20);
            FakeClient client = attached.client();
            attached.group(0, 0, BUFFER_BYTES, BUFFERS);
            for (int id = 0; id < BUFFERS; id++) {
                client.lend(0, id);
            }
            client.listen(7, 80, 1024, CONNECTIONS);
            takeAll(rig, client);
            for (int i = 0; i < CONNECTIONS; i++) {
                assertTrue(rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 7) != 0);
                if (i % 256 == 255) {
                    takeAll(rig, client);
                }
            }
            takeAll(rig, client);
            for (int index = 0; index < CONNECTIONS; index++) {
                assertEquals(message.length, rig.tcp.segment(index, 0, message, message.length, index % 2 == 0));
                takeAll(rig, client);
            }
            rig.nowNs += 10_000_000; // quiet
            for (int i = 0; i < CONNECTIONS / 32; i++) {
                takeAll(rig, client);
                rig.nowNs += ReceiveCredit.BRIEF_IDLE_NS;
            }
            LcoreSession session = attached.session();
            assertEquals(CONNECTIONS, session.connectionCount);
            assertEquals(BUFFERS, session.groups.lentCount());
            assertEquals((long) BUFFERS * BUFFER_BYTES, session.groups.freeBytes(), "bytes of free buffers: all");
            assertEquals(session.pool.capacity(), session.pool.freeCount(), "operations");
            assertEquals(BUFFERS + 1, session.queuePair.promised(), "slots: lent buffers and the LISTEN");
            assertEquals(Long.MAX_VALUE, rig.sessions.nextDeadlineNs(), "timers");
            for (int index = 0; index < CONNECTIONS; index++) {
                assertTrue(rig.tcp.edge[index] > rig.tcp.rcvNxt(index), "its window is open");
            }
        }
    }

    private static void takeAll(Rig rig, FakeClient client) {
        rig.pass();
        FakeClient.Completion completion;
        while ((completion = client.poll()) != null) {
            if (completion.op() == Op.PROVIDED) {
                if (completion.length() > 0) {
                    client.submit(Op.CONSUMED, completion.handle(), 1, completion.length());
                }
                if (!completion.has(CompletionFlag.MORE)) {
                    client.lend(0, completion.buffer());
                }
            }
        }
        rig.pass();
    }

    @Test
    void shouldTakeLittleMemoryForEachConnection() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().threadId();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getThreadAllocatedBytes(id);
            ConnectionTable table = new ConnectionTable(0, CONNECTIONS);
            least = Math.min(least, threads.getThreadAllocatedBytes(id) - before);
            assertTrue(table.hasSpare());
        }
        long heap = least / CONNECTIONS;
        System.out.println("bytes per connection: record=" + TcbLayout.LENGTH + " heap=" + heap);
        assertTrue(heap <= MAX_HEAP_BYTES, "heap bytes per connection: " + heap);
        assertEquals(512, TcbLayout.LENGTH);
    }
}
