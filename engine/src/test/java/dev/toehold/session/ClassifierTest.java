package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ClassifierTest {
    private static final int BUFFERS = 64;
    private static final int BUFFER_BYTES = 4096;
    private final Connection connection = new Connection();

    private void exchange(int in, int out, int count) {
        for (int i = 0; i < count; i++) {
            Classifier.onReceived(connection, in);
            Classifier.onSubmitted(connection, out);
        }
    }

    private String name() {
        return Classifier.name(connection, 0);
    }

    @Test
    void shouldTakeRequestsAndResponsesForInteractive() {
        Classifier.force(connection, Option.CHARACTERISTIC_AUTO);
        assertEquals("interactive", name());
        exchange(200, 1400, 100);
        assertEquals("interactive", name());
        assertTrue(connection.isUrgent);
        assertEquals(200, connection.averageIn);
        assertEquals(1400, connection.averageOut);
        assertTrue(
                Classifier.reason(connection, 0).contains("average turn 200 B in, 1400 B out"),
                Classifier.reason(connection, 0));
    }

    @Test
    void shouldTakeAStreamInOneDirectionForBulkAndBelieveInShortTurnsOnlyAfterSome() {
        for (int i = 0; i < 44; i++) {
            Classifier.onReceived(connection, 1460);
            assertEquals("interactive", name());
        }
        Classifier.onReceived(connection, 1460);
        assertEquals("bulk", name(), "64 KB in one turn");
        assertFalse(connection.isUrgent);
        exchange(100, 100, 2);
        assertEquals("bulk", name());
        exchange(100, 100, 10);
        assertEquals("interactive", name());
    }

    @Test
    void shouldCountLongResponsesToo() {
        exchange(100, 1 << 20, 1);
        assertEquals("bulk", name());
        assertEquals("idle", Classifier.name(connection, Classifier.IDLE_NS + 1));
        assertEquals("nothing came for 1000 ms", Classifier.reason(connection, Classifier.IDLE_NS + 1));
    }

    @Test
    void shouldDoAsTheClientSays() {
        try (Rig rig = new Rig(4)) {
            MemorySegment region = rig.arena.allocate(1 << 20, 64);
            Rig.Attached attached = rig.attach(64, 256, 64, region, Rig.CREDIT);
            int index = open(rig, attached);
            long handle = rig.tcp.handle(index);
            option(attached.client(), handle, Option.CHARACTERISTIC_BULK);
            rig.pass();
            assertEquals(ResultCode.OK, attached.client().poll().result());
            assertEquals("bulk", rig.sessions.characteristic(index, 0));
            assertEquals("set by client or configuration", rig.sessions.characteristicReason(index, 0));
            option(attached.client(), handle, Option.CHARACTERISTIC_BULK + 1);
            rig.pass();
            assertEquals(ResultCode.INVALID, attached.client().poll().result());
            option(attached.client(), handle, Option.CHARACTERISTIC_AUTO);
            rig.pass();
            assertEquals("interactive", rig.sessions.characteristic(index, 0));
        }
    }

    private static int open(Rig rig, Rig.Attached attached) {
        attached.client().listen(1, 80, 4, 4);
        rig.pass();
        int index = (int) (rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 1) & 0xffff_ffffL);
        rig.pass();
        while (attached.client().poll() != null) {
            // LISTEN, ACCEPT
        }
        assertEquals(TcpState.ESTABLISHED, rig.tcp.tcb(index).state());
        return index;
    }

    private static void option(FakeClient client, long handle, int characteristic) {
        client.submit(Op.SET_OPTION, 0, 0, 0, handle, 9, 0, 0, Option.CHARACTERISTIC, 0, characteristic, 0);
    }

    @Test
    void shouldLetTheClientSleepWhileBulkGoesOnComingAndWakeItWhenItPauses() {
        assertEquals(Classifier.PATIENT_PASSES, passesUntilWoken(Option.CHARACTERISTIC_BULK, 100) - 1);
        assertEquals(4, passesUntilWoken(Option.CHARACTERISTIC_BULK, 3), "the pass that brings nothing wakes it");
        assertEquals(1, passesUntilWoken(Option.CHARACTERISTIC_INTERACTIVE, 100));
    }

    /** Passes with a segment each, {@code segments} of them, until the client that sleeps is woken. */
    private static int passesUntilWoken(int characteristic, int segments) {
        try (Rig rig = new Rig(4)) {
            MemorySegment region = rig.arena.allocate((long) BUFFERS * BUFFER_BYTES, 64);
            Rig.Attached attached = rig.attach(64, 256, 64, region, 1 << 18);
            attached.group(0, 0, BUFFER_BYTES, BUFFERS);
            for (int i = 0; i < BUFFERS; i++) {
                attached.client().lend(0, i);
            }
            rig.sessions.characteristic(characteristic);
            int index = open(rig, attached);
            QueuePairDescriptor.LONG.setVolatile(
                    attached.client().memory, (long) QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET, 1L);
            byte[] bytes = new byte[1000];
            long before = rig.sessions.counters().clientWakeups;
            for (int pass = 1; pass < 100; pass++) {
                if (pass <= segments) {
                    assertEquals(1000, rig.tcp.segment(index, (pass - 1) * 1000L, bytes, 1000, false));
                }
                rig.pass();
                if (rig.sessions.counters().clientWakeups != before) {
                    return pass;
                }
            }
            return Integer.MAX_VALUE;
        }
    }

    @Test
    void shouldAcknowledgeThePushedEndOfBulkAtOnce() {
        assertEquals(1, acknowledgedAtOnce(Option.CHARACTERISTIC_BULK, true));
        assertEquals(0, acknowledgedAtOnce(Option.CHARACTERISTIC_BULK, false));
        assertEquals(0, acknowledgedAtOnce(Option.CHARACTERISTIC_INTERACTIVE, true));
    }

    private static int acknowledgedAtOnce(int characteristic, boolean push) {
        try (Rig rig = new Rig(4)) {
            MemorySegment region = rig.arena.allocate(1 << 20, 64);
            Rig.Attached attached = rig.attach(64, 256, 64, region, 1 << 18);
            rig.sessions.characteristic(characteristic);
            int index = open(rig, attached);
            attached.client().receive(rig.tcp.handle(index), 1, 0, 0, 0, 4000, 0);
            rig.pass();
            rig.tcp.segment(index, 0, new byte[1000], 1000, push);
            rig.pass();
            return rig.tcp.atOnce;
        }
    }
}
