package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who wakes whom, and when. */
class WakeupTest {
    private Rig rig;
    private FakeClient client;

    @BeforeEach
    void setUp() {
        rig = new Rig(16);
        client =
                rig.attach(64, 64, 64, rig.arena.allocate(4096, 64), Rig.CREDIT).client();
    }

    @AfterEach
    void tearDown() {
        rig.close();
    }

    @Test
    void shouldAskForADoorbellAndNoticeWorkThatCameMeanwhile() {
        rig.pass();
        assertTrue(rig.sessions.armWakeups());
        assertEquals(1L, (long) QueuePairDescriptor.LONG.getAcquire(
                client.memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET));
        client.submit(Op.NOP, 0, 1, 0);
        assertFalse(rig.sessions.armWakeups());
        rig.sessions.disarmWakeups();
        rig.pass();
        assertNotNull(client.poll());
    }

    @Test
    void shouldWakeAClientThatSleepsOncePerPublication() {
        sleep();
        rig.pass();
        assertEquals(0, rig.sessions.counters().clientWakeups);
        client.submit(Op.NOP, 0, 1, 0);
        client.submit(Op.NOP, 0, 2, 0);
        rig.pass();
        assertEquals(1, rig.sessions.counters().clientWakeups);
        assertTrue(rig.wakeup.drain());
        assertNotNull(client.poll());
        assertNotNull(client.poll());
        assertNull(client.poll());
    }

    @Test
    void shouldWakeTheClientThatWasToldSomethingLastBeforeThePacketIsLookedAt() {
        tellSomething();
        sleep();
        rig.sessions.wakeEarly();
        assertTrue(rig.wakeup.drain());
        assertEquals(1, rig.sessions.counters().earlyWakeups);
        tellSomething();
        assertFalse(rig.wakeup.drain(), "woken twice");
    }

    @Test
    void shouldNotGuessAgainAfterAWrongGuess() {
        tellSomething();
        sleep();
        rig.sessions.wakeEarly();
        assertTrue(rig.wakeup.drain());
        rig.pass();
        sleep();
        rig.sessions.wakeEarly();
        assertFalse(rig.wakeup.drain());

        tellSomething();
        assertTrue(rig.wakeup.drain(), "asleep and told something");
        sleep();
        rig.sessions.wakeEarly();
        assertTrue(rig.wakeup.drain(), "it is the likely one again");
        assertEquals(2, rig.sessions.counters().earlyWakeups);
    }

    private void tellSomething() {
        client.submit(Op.NOP, 0, 1, 0);
        rig.pass();
        assertNotNull(client.poll());
    }

    private void sleep() {
        QueuePairDescriptor.LONG.setVolatile(client.memory, (long) QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET, 1L);
    }
}
