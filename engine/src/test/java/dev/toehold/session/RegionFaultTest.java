package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.HugePages;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Client memory that goes away under the engine, as a hole in huge pages would: here a file without a seal is truncated under
 * its mapping. The session ends with REGION_FAULT; the lcore and other sessions do not notice.
 */
class RegionFaultTest {
    private static final int REGION_BYTES = 1 << 20;
    private static final int WARM_UP_SEGMENTS = 20_000;
    private static final byte[] BYTES = new byte[1400];

    /** The JVM may deliver the error a little later than the access: then the duty cycle catches it, as an lcore's does. */
    private static void guarded(Rig rig, Runnable step) {
        try {
            step.run();
        } catch (InternalError e) {
            assertTrue(rig.sessions.onMemoryFault(), "nobody was worked for");
        }
    }

    private static long connect(Rig rig, Rig.Attached attached, int port) {
        attached.client().listen(1, port, 16, 16);
        rig.pass();
        int listener = rig.tcp.firstListener + rig.tcp.listening - 1;
        long handle = rig.tcp.accept(attached.session().session().id(), listener, 1);
        rig.pass();
        while (attached.client().poll() != null) {
            // LISTEN and ACCEPT
        }
        return handle;
    }

    /** Runs the copy often enough to be compiled: a fault in compiled code takes another way through the JVM. */
    private static void warmUp(Rig rig) {
        Rig.Attached attached = rig.attach(64, 64, 64, rig.arena.allocate(REGION_BYTES, 64), 0);
        int index = Handle.index(connect(rig, attached, 1));
        for (int i = 0; i < WARM_UP_SEGMENTS; i++) {
            if (i % 700 == 0) {
                attached.client().receive(rig.tcp.handle(index), 1, -1, 0, 0, 700 * BYTES.length, 0);
                rig.pass();
            }
            rig.tcp.segment(index, (long) i * BYTES.length, BYTES, BYTES.length, false);
            rig.pass();
            while (attached.client().poll() != null) {
                // RECEIVEs
            }
        }
    }

    @Test
    void shouldEndOnlyTheSessionWhoseMemoryFaultsWhenPlacing() {
        try (Rig rig = new Rig(16);
                MemFd file = MemFd.create("toehold-fault", HugePages.NONE)) {
            warmUp(rig);
            file.allocate(REGION_BYTES);
            try (Mapping mapping = Mapping.map(file.fd(), 0, REGION_BYTES, Mapping.Access.READ_WRITE)) {
                Rig.Attached faulty = rig.attach(64, 64, 64, mapping.segment(), 0);
                long handle = connect(rig, faulty, 2);
                Rig.Attached other = rig.attach(64, 64, 64, rig.arena.allocate(REGION_BYTES, 64), 0);
                final long otherHandle = connect(rig, other, 3);
                faulty.client().receive(handle, 1, 0, 0, 0, 4096, 0);
                other.client().receive(otherHandle, 2, 0, 0, 0, 1400, 0);
                rig.pass();
                file.truncate(0);
                guarded(rig, () -> rig.tcp.segment(Handle.index(handle), 0, BYTES, 1400, true));
                assertEquals(List.of(ResultCode.REGION_FAULT), rig.errors);
                assertEquals(1400, rig.tcp.segment(Handle.index(otherHandle), 0, BYTES, 1400, true));
                rig.pass();
                rig.pass();
                assertEquals(1400, other.client().poll().result());
                checkEnded(rig, faulty, handle);
            }
        }
    }

    @Test
    void shouldGiveUpLingeringSendsWhoseMemoryFaults() {
        try (Rig rig = new Rig(16);
                MemFd file = MemFd.create("toehold-fault", HugePages.NONE)) {
            file.allocate(REGION_BYTES);
            try (Mapping mapping = Mapping.map(file.fd(), 0, REGION_BYTES, Mapping.Access.READ_WRITE)) {
                Rig.Attached faulty = rig.attach(64, 64, 64, mapping.segment(), 0);
                long handle = connect(rig, faulty, 2);
                faulty.client().send(handle, 1, 0, 0, 0, 4096, 0);
                faulty.client().submit(Op.CLOSE, handle, 2, 0);
                rig.pass();
                file.truncate(0);
                MemorySegment packet = rig.arena.allocate(1400);
                guarded(
                        rig,
                        () -> assertFalse(rig.sessions
                                .handler()
                                .readPayload(rig.tcp.callbackTcb.wrap(Handle.index(handle)), 0, packet, 0, 1400)));
                assertEquals(List.of(ResultCode.REGION_FAULT), rig.errors);
                checkEnded(rig, faulty, handle);
            }
        }
    }

    private static void checkEnded(Rig rig, Rig.Attached faulty, long handle) {
        boolean[] quiescent = {false};
        rig.sessions.end(faulty.session(), () -> quiescent[0] = true);
        rig.pass();
        rig.pass();
        assertTrue(quiescent[0]);
        assertFalse(rig.tcp.isLive(Handle.index(handle)));
        assertEquals(1, rig.sessions.counters().regionFaults);
        assertEquals(faulty.session().pool.capacity(), faulty.session().pool.freeCount());
    }
}
