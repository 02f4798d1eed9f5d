package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The data structures under the library, against simple models. */
class CoreStructuresTest {
    @Test
    void shouldMapHandlesLikeAHashMap() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        HandleMap<Integer> map = new HandleMap<>();
        Map<Long, Integer> model = new HashMap<>();
        for (int i = 0; i < 300_000; i++) {
            long handle = random.nextInt(2000) | (long) random.nextInt(3) << 56;
            switch (random.nextInt(3)) {
                case 0 ->
                    assertEquals(
                            handle != 0 && model.putIfAbsent(handle, i) == null, map.put(handle, i), "seed=" + seed);
                case 1 -> {
                    map.remove(handle);
                    model.remove(handle);
                }
                default -> assertEquals(model.get(handle), map.get(handle), "seed=" + seed);
            }
            assertEquals(model.size(), map.size(), "seed=" + seed);
        }
        map.forEach(value -> assertTrue(model.containsValue(value)));
        assertFalse(map.put(0, 1));
        assertNull(map.get(0));
    }

    @Test
    void shouldKnowEverySubmissionOnce() {
        SubmissionStore store = new SubmissionStore(4);
        int slot = store.allocate(Op.SEND, this, null, 7);
        long userData = store.userData(slot);
        assertNotEquals(0, userData);
        assertEquals(slot, store.slotOf(userData));
        store.free(slot);
        assertEquals(SubmissionStore.NONE, store.slotOf(userData), "answered twice");
        assertEquals(SubmissionStore.NONE, store.slotOf(0));
        assertEquals(SubmissionStore.NONE, store.slotOf(-1));
        for (int i = 0; i < 4; i++) {
            assertFalse(store.isFull());
            assertTrue(store.allocate(Op.SEND, this, null, i) >= 0);
        }
        assertTrue(store.isFull());
        assertEquals(4, store.outstanding());
    }

    @Test
    void shouldChainPiecesLikeAQueueOfBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ReceivedChain chain = new ReceivedChain();
        ArrayDeque<Long> model = new ArrayDeque<>();
        int key = 0;
        int end = 0;
        for (int i = 0; i < 100_000; i++) {
            if (random.nextInt(100) < 55) {
                if (random.nextBoolean()) {
                    key++;
                    end = 0;
                }
                int length = 1 + random.nextInt(5);
                chain.append(key, end, length);
                for (int b = 0; b < length; b++) {
                    model.add((long) key << 32 | end++);
                }
            } else if (!chain.isEmpty()) {
                int length = 1 + random.nextInt(chain.headLength());
                for (int b = 0; b < length; b++) {
                    assertEquals(
                            (long) chain.headKey() << 32 | (chain.headOffset() + b), model.remove(), "seed=" + seed);
                }
                chain.dropHead(length);
            }
            assertEquals(model.size(), chain.bytes(), "seed=" + seed);
            assertEquals(model.isEmpty(), chain.isEmpty(), "seed=" + seed);
        }
    }

    @Test
    void shouldOfferUntilTheRingIsFullAndWrapAround() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(QueuePairDescriptor.length(4, 8, 8), 128);
            QueuePairDescriptor.initialise(memory, 4, 8, 8, 0, 1);
            ClientQueuePair pair = new ClientQueuePair(memory);
            long taken = 0;
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < 4; i++) {
                    assertEquals(ResultCode.OK, pair.offer(Op.NOP, 0, 0, 0, round * 4L + i, 0, 0, 0, 0, 0));
                }
                assertEquals(ResultCode.BACK_PRESSURED, pair.offer(Op.NOP, 0, 0, 0, 1, 0, 0, 0, 0, 0));
                assertEquals(0, pair.sqRoom());
                taken += 4;
                QueuePairDescriptor.LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_HEAD_OFFSET, taken);
                assertTrue(pair.allTaken());
            }
            QueuePairDescriptor.LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_HEAD_OFFSET, taken + 1);
            assertThrows(EngineProtocolException.class, pair::sqRoom);
            QueuePairDescriptor.LONG.setRelease(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET, 9L);
            assertThrows(EngineProtocolException.class, pair::available);
        }
    }

    @Test
    void shouldRingTheDoorbellOncePerSleep() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(QueuePairDescriptor.length(4, 8, 8), 128);
            QueuePairDescriptor.initialise(memory, 4, 8, 8, 0, 1);
            ClientQueuePair pair = new ClientQueuePair(memory);
            assertFalse(pair.takeDoorbell());
            QueuePairDescriptor.LONG.setVolatile(memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET, 1L);
            assertFalse(pair.takeDoorbell(), "nothing was submitted");
            assertEquals(0, pair.offer(Op.NOP, 0, 0, 0, 1, 0, 0, 0, 0, 0));
            assertTrue(pair.takeDoorbell());
            assertEquals(0, pair.offer(Op.NOP, 0, 0, 0, 1, 0, 0, 0, 0, 0));
            assertFalse(pair.takeDoorbell(), "the engine is awake");
            assertTrue(pair.armWakeup());
            assertEquals(1L, QueuePairDescriptor.LONG.getVolatile(memory, (long)
                    QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET));
            QueuePairDescriptor.LONG.setRelease(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET, 1L);
            assertFalse(pair.armWakeup(), "a completion came between");
        }
    }

    @Test
    void shouldTranslateAddresses() throws Exception {
        for (String text : new String[] {"10.0.0.2", "255.255.255.255", "fd00::2", "::1", "2001:db8::ffff:1"}) {
            InetAddress address = InetAddress.getByName(text);
            assertEquals(address, Endpoints.address(Endpoints.high(address), Endpoints.low(address)));
        }
        assertEquals(0xffff_0a00_0002L, Endpoints.low(InetAddress.getByName("10.0.0.2")));
        assertEquals(0, Endpoints.low(InetAddress.getByName("0.0.0.0")));
        assertEquals(0, Endpoints.high(InetAddress.getByName("::")));
    }
}
