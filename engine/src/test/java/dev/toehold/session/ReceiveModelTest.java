package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random traffic against a model that knows every byte: RECEIVEs and provided buffers mixed, segments out of order, small reads, PSH
 * or not, FLUSH, dry pools, completion rings that stay full, the end of the stream.
 */
class ReceiveModelTest {
    private static final int CONNECTIONS = 4;
    private static final int MAX_STEPS = 400_000;
    private static final int RECEIVE_SLOTS = 48;
    private static final int RECEIVE_SLOT_BYTES = 8192;
    private static final int[] GROUP_SIZES = {128, 1024, 4096};
    private static final int[] GROUP_COUNTS = {24, 12, 6};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldDeliverEveryByteOnceAndInOrder(long seed) {
        try (World world = new World(seed)) {
            world.run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed=" + seed, e);
        }
    }

    private record Posted(int connection, long submitted, int slot, int length, int minLength) {}

    private static final class Stream {
        long handle;
        int index;
        int length;
        long delivered;
        long unconsumed;
        boolean ended;
        boolean finSent;
        boolean closeSubmitted;
        boolean closed;
        int posted;
        long lastPostedEnd;
    }

    private static final class World implements AutoCloseable {
        final SplittableRandom random;
        final Rig rig = new Rig(CONNECTIONS);
        final Rig.Attached attached;
        final FakeClient client;
        final MemorySegment region;
        final List<Stream> streams = new ArrayList<>();
        final Map<Long, Posted> posted = new HashMap<>();
        final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
        final List<int[]> idleBuffers = new ArrayList<>();
        final BitSet[] lent = new BitSet[GROUP_SIZES.length];
        final long[] groupBase = new long[GROUP_SIZES.length];
        final byte[] segment = new byte[1460];
        final boolean hasGroups;
        final int pollReluctance;
        long nextUserData = 1000;
        long listenerHandle;
        long comparedBytes;
        int outstandingFlushes;

        World(long seed) {
            random = new SplittableRandom(seed);
            hasGroups = seed % 4 != 0;
            pollReluctance = seed % 3 == 0 ? 40 : 2;
            int base = RECEIVE_SLOTS * RECEIVE_SLOT_BYTES;
            long size = base;
            for (int g = 0; g < GROUP_SIZES.length; g++) {
                groupBase[g] = size;
                size += (long) GROUP_SIZES[g] * GROUP_COUNTS[g];
            }
            region = rig.arena.allocate(size, 64);
            int entries = seed % 2 == 0 ? 64 : 512;
            attached = rig.attach(64, entries, 64, region, Rig.CREDIT);
            client = attached.client();
            for (int slot = 0; slot < RECEIVE_SLOTS; slot++) {
                freeSlots.add(slot);
            }
            if (hasGroups) {
                for (int g = 0; g < GROUP_SIZES.length; g++) {
                    attached.group(g, groupBase[g], GROUP_SIZES[g], GROUP_COUNTS[g]);
                    lent[g] = new BitSet();
                    for (int id = 0; id < GROUP_COUNTS[g]; id++) {
                        idleBuffers.add(new int[] {g, id});
                    }
                }
            }
        }

        void run() {
            client.listen(7, 80, 16, CONNECTIONS);
            rig.pass();
            FakeClient.Completion standing = client.poll();
            assertNotNull(standing);
            listenerHandle = standing.handle();
            for (int i = 0; i < CONNECTIONS; i++) {
                Stream stream = new Stream();
                stream.length = 1 + random.nextInt(40_000);
                stream.handle = rig.tcp.accept(attached.session().session().id(), rig.tcp.firstListener, 7);
                stream.index = Handle.index(stream.handle);
                streams.add(stream);
            }
            int steps = 0;
            while (streams.stream().anyMatch(s -> !s.closed)) {
                assertTrue(steps++ < MAX_STEPS, () -> "no progress: " + describe());
                step();
            }
            drain();
            checkNothingLeft();
            assertEquals(streams.stream().mapToLong(s -> s.length).sum(), comparedBytes);
        }

        void step() {
            int burst = random.nextInt(4);
            for (int i = 0; i < burst; i++) {
                peer(streams.get(random.nextInt(CONNECTIONS)));
            }
            if (random.nextInt(2) == 0) {
                application(streams.get(random.nextInt(CONNECTIONS)));
            }
            if (hasGroups && random.nextInt(3) == 0) {
                lend(random.nextInt(6));
            }
            if (random.nextInt(50) == 0) {
                rig.nowNs += 5_000_000;
            }
            rig.pass();
            checkAccount();
            if (random.nextInt(pollReluctance) == 0) {
                drain();
            }
        }

        /** What is charged to the connections is what the pool lacks. */
        void checkAccount() {
            LcoreSession session = attached.session();
            long charged = 0;
            for (Connection c = session.firstConnection; c != null; c = c.nextOfSession) {
                assertTrue(c.charge >= 0, () -> "charge below 0: " + describe());
                assertTrue(c.unconsumed >= 0);
                charged += c.charge;
            }
            long capacity = session.groups.capacityBytes();
            assertEquals(session.groups.freeBytes() - charged - capacity / 8, session.credit.spareBytes());
            assertTrue(session.groups.freeBytes() <= capacity);
        }

        void peer(Stream stream) {
            if (!rig.tcp.isLive(stream.index) || stream.closeSubmitted) {
                return;
            }
            long rcvNxt = rig.tcp.rcvNxt(stream.index);
            long limit = Math.min(rig.tcp.edge[stream.index], stream.length);
            if (rcvNxt == stream.length) {
                if (!stream.finSent && random.nextInt(8) == 0) {
                    stream.finSent = true;
                    rig.tcp.fin(stream.index);
                }
                return;
            }
            if (rcvNxt >= limit) {
                return;
            }
            BitSet received = rig.tcp.received[stream.index];
            int position = random.nextInt(4) > 0 ? (int) rcvNxt : (int) random.nextLong(rcvNxt, limit);
            position = received.nextClearBit(position);
            if (position >= limit) {
                return;
            }
            int next = received.nextSetBit(position);
            int end = (int) Math.min(limit, next < 0 ? Integer.MAX_VALUE : next);
            int length = Math.min(end - position, 1 + random.nextInt(random.nextInt(3) == 0 ? 60 : 1460));
            for (int i = 0; i < length; i++) {
                segment[i] = byteAt(stream, position + i);
            }
            int placed = rig.tcp.segment(stream.index, position, segment, length, random.nextInt(4) == 0);
            assertTrue(placed >= 0 && placed <= length);
        }

        void application(Stream stream) {
            if (!client.hasSubmissionRoom() || stream.closeSubmitted) {
                return;
            }
            if (stream.ended && stream.delivered == stream.length && random.nextInt(4) == 0) {
                client.submit(Op.CLOSE, stream.handle, nextUserData++, 0);
                stream.closeSubmitted = true;
                return;
            }
            switch (random.nextInt(hasGroups ? 6 : 3)) {
                case 0, 1 -> post(stream);
                case 2 -> {
                    if (random.nextInt(10) == 0) {
                        outstandingFlushes++;
                        client.submit(Op.FLUSH, stream.handle, 1, 0);
                    }
                }
                default -> {
                    if (stream.unconsumed > 0) {
                        long count = 1 + random.nextLong(stream.unconsumed);
                        stream.unconsumed -= count;
                        client.submit(Op.CONSUMED, stream.handle, 2, count);
                    }
                }
            }
        }

        void post(Stream stream) {
            Integer slot = freeSlots.poll();
            if (slot == null) {
                return;
            }
            int length = 1 + random.nextInt(random.nextInt(3) == 0 ? RECEIVE_SLOT_BYTES : 700);
            // Without provided buffers nothing may be posted behind a RECEIVE that can complete short.
            int minLength = hasGroups && random.nextBoolean() ? 1 + random.nextInt(length) : 0;
            long position = Abi.NEXT_POSITION;
            if (random.nextInt(3) == 0) {
                long from = Math.max(stream.delivered, stream.posted > 0 ? stream.lastPostedEnd : 0);
                position = from + (hasGroups && random.nextInt(4) == 0 ? random.nextInt(300) : 0);
            }
            long userData = nextUserData++;
            posted.put(userData, new Posted(streams.indexOf(stream), position, slot, length, minLength));
            stream.posted++;
            stream.lastPostedEnd = position == Abi.NEXT_POSITION ? Long.MAX_VALUE / 2 : position + length;
            if (position == Abi.NEXT_POSITION) {
                stream.lastPostedEnd = Math.max(stream.delivered, rig.tcp.edge[stream.index]) + 100_000;
            }
            client.receive(stream.handle, userData, position, 0, (long) slot * RECEIVE_SLOT_BYTES, length, minLength);
        }

        void lend(int count) {
            for (int i = 0; i < count && !idleBuffers.isEmpty() && client.hasBufferRoom(); i++) {
                int[] buffer = idleBuffers.remove(random.nextInt(idleBuffers.size()));
                assertFalse(lent[buffer[0]].get(buffer[1]));
                lent[buffer[0]].set(buffer[1]);
                client.lend(buffer[0], buffer[1]);
            }
        }

        void drain() {
            FakeClient.Completion completion;
            while ((completion = client.poll()) != null) {
                switch (completion.op()) {
                    case Op.RECEIVE -> onReceive(completion);
                    case Op.PROVIDED -> onProvided(completion);
                    case Op.ACCEPT -> assertEquals(7, completion.userData());
                    case Op.FLUSH -> outstandingFlushes--;
                    case Op.CLOSE -> {
                        assertEquals(ResultCode.OK, completion.result());
                        byHandle(completion.handle()).closed = true;
                        rig.tcp.free(Handle.index(completion.handle()));
                    }
                    default -> throw new AssertionError("unexpected " + completion);
                }
            }
        }

        void onReceive(FakeClient.Completion completion) {
            Posted receive = posted.remove(completion.userData());
            assertNotNull(receive, () -> "answered twice: " + completion);
            freeSlots.add(receive.slot());
            Stream stream = streams.get(receive.connection());
            stream.posted--;
            if (completion.result() < 0) {
                int result = completion.result();
                boolean isKnown = result == ResultCode.INVALID
                        || result == ResultCode.LIMIT
                        || (result == ResultCode.CLOSED && stream.closeSubmitted)
                        || (result == ResultCode.STALE && stream.closed);
                assertTrue(isKnown, () -> "unexpected result: " + completion);
            }
            if (completion.length() > 0) {
                assertEquals(stream.delivered, completion.position(), () -> completion.toString());
                assertTrue(completion.length() <= receive.length());
                long start = receive.submitted() == Abi.NEXT_POSITION ? completion.position() : receive.submitted();
                long offset = (long) receive.slot() * RECEIVE_SLOT_BYTES + completion.position() - start;
                compare(stream, offset, completion.length());
            }
            checkEnd(stream, completion);
        }

        void onProvided(FakeClient.Completion completion) {
            Stream stream = byHandle(completion.handle());
            if (completion.has(CompletionFlag.BUFFER)) {
                int group = completion.more();
                assertTrue(lent[group].get(completion.buffer()), () -> "not lent: " + completion);
                assertEquals(stream.delivered, completion.position(), () -> completion.toString());
                if (completion.length() > 0) {
                    assertEquals(completion.length(), completion.result());
                    long offset = groupBase[group]
                            + (long) completion.buffer() * GROUP_SIZES[group]
                            + completion.bufferOffset();
                    assertTrue(completion.bufferOffset() + completion.length() <= GROUP_SIZES[group]);
                    compare(stream, offset, completion.length());
                    stream.unconsumed += completion.length();
                }
                if (!completion.has(CompletionFlag.MORE)) {
                    lent[group].clear(completion.buffer());
                    idleBuffers.add(new int[] {group, completion.buffer()});
                }
            } else {
                assertTrue(completion.has(CompletionFlag.EOF), () -> completion.toString());
                assertEquals(0, completion.length());
            }
            checkEnd(stream, completion);
        }

        void compare(Stream stream, long offset, int length) {
            for (int i = 0; i < length; i++) {
                byte expected = byteAt(stream, stream.delivered + i);
                if (region.get(ValueLayout.JAVA_BYTE, offset + i) != expected) {
                    throw new AssertionError("handle=" + stream.handle + " position=" + (stream.delivered + i));
                }
            }
            stream.delivered += length;
            comparedBytes += length;
        }

        void checkEnd(Stream stream, FakeClient.Completion completion) {
            if (completion.has(CompletionFlag.EOF)) {
                assertEquals(stream.length, stream.delivered, () -> "early end: " + completion);
                stream.ended = true;
            }
        }

        void checkNothingLeft() {
            rig.pass();
            drain();
            assertEquals(0, outstandingFlushes);
            assertTrue(posted.isEmpty(), () -> "never answered: " + posted);
            LcoreSession session = attached.session();
            // The LISTEN's end still holds a slot.
            assertEquals(session.groups.lentCount() + 1, session.queuePair.promised());
            assertEquals(session.pool.capacity(), session.pool.freeCount());
            assertEquals(0, session.connectionCount);
            client.submit(Op.CLOSE, listenerHandle, 5, 0);
            rig.pass();
            FakeClient.Completion ended = client.poll();
            assertEquals(Op.LISTEN, ended.op());
            assertEquals(Op.CLOSE, client.poll().op());
            assertEquals(session.groups.lentCount(), session.queuePair.promised());
            assertTrue(rig.errors.isEmpty());
        }

        Stream byHandle(long handle) {
            return streams.stream().filter(s -> s.handle == handle).findFirst().orElseThrow();
        }

        byte byteAt(Stream stream, long position) {
            long mixed = (position + 1) * 0x9e3779b97f4a7c15L ^ stream.handle;
            return (byte) (mixed >>> 40);
        }

        String describe() {
            StringBuilder text = new StringBuilder();
            for (Stream s : streams) {
                text.append("\nlength=").append(s.length);
                text.append(" delivered=").append(s.delivered);
                text.append(" rcvNxt=").append(rig.tcp.isLive(s.index) ? rig.tcp.rcvNxt(s.index) : -1);
                text.append(" edge=").append(rig.tcp.edge[s.index]);
                text.append(" ended=").append(s.ended).append(" closed=").append(s.closed);
                text.append(" closing=").append(s.closeSubmitted);
                text.append(" posted=").append(s.posted);
            }
            LcoreSession session = attached.session();
            text.append("\nunpromised=").append(session.queuePair.unpromised());
            text.append(" promised=").append(session.queuePair.promised());
            text.append(" lent=").append(session.groups.lentCount());
            text.append(" idle=").append(idleBuffers.size());
            text.append(" slots=").append(freeSlots.size());
            return text.toString();
        }

        @Override
        public void close() {
            rig.close();
        }
    }
}
