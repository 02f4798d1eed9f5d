package dev.toehold.perf.hostile;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.SubmissionDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** What a client does to the queue pair, its doorbell and its wake-up socket. */
final class RingAttacks {
    private static final int[] OPS = {
        Op.SEND,
        Op.SEND,
        Op.SEND,
        Op.RECEIVE,
        Op.RECEIVE,
        Op.CONSUMED,
        Op.FLUSH,
        Op.SET_OPTION,
        Op.NOP,
        Op.SHUTDOWN,
        Op.CLOSE,
        Op.ABORT,
        Op.LISTEN,
        Op.CONNECT
    };
    private static final int[] COUNTERS = {
        QueuePairDescriptor.SQ_TAIL_OFFSET, QueuePairDescriptor.BUF_TAIL_OFFSET, QueuePairDescriptor.CQ_HEAD_OFFSET
    };
    private static final long[] EXTREMES = {
        0,
        -1,
        1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        1L << 32,
        -1L >>> 32,
        1L << 31,
        HostileClient.REGION_BYTES,
        63,
        65,
        4095
    };
    private static final int FEW_CONNECTIONS = 6;
    private static final int FLOOD_RINGS = 4000;
    private static final int FILL_WRITES = 64;
    private static final long MAX_LINGER_NS = 5_000_000_000L;

    private final Targets targets;
    private final SplittableRandom random;

    RingAttacks(Targets targets, SplittableRandom random) {
        this.targets = targets;
        this.random = random;
    }

    /** An attack of one of the kinds that concern a queue pair. The caller has made sure that the rings have room. */
    void make(Attack attack, HostileClient client) {
        Rings rings = client.rings;
        switch (attack) {
            case VERB -> {
                fillVerb(attack, rings);
                rings.submit();
            }
            case FIELD -> {
                fillVerb(attack, rings);
                mutate(rings.memory, rings.nextEntry());
                rings.submit();
            }
            case HANDLE -> {
                fillVerb(attack, rings);
                client.queuePairMemory()
                        .set(
                                ValueLayout.JAVA_LONG,
                                rings.nextEntry() + SubmissionDescriptor.HANDLE_OFFSET,
                                handle(rings));
                rings.submit();
            }
            case WORDS -> {
                long at = rings.nextEntry();
                for (int i = 0; i < SubmissionDescriptor.LENGTH; i += Long.BYTES) {
                    client.queuePairMemory().set(ValueLayout.JAVA_LONG, at + i, random.nextLong());
                }
                rings.submit();
            }
            case RACE -> {
                fillVerb(attack, rings);
                rings.submit();
                rings.wake();
                for (int i = 0; i < 8; i++) {
                    mutate(rings.memory, rings.earlierEntry(0));
                }
            }
            case BUFFER -> {
                int id = rings.takeIdle();
                rings.lend(id < 0 ? random.nextInt(HostileClient.BUFFERS) : id);
            }
            case BUFFER_ID ->
                rings.lend(
                        switch (random.nextInt(4)) {
                            case 0 -> random.nextLong();
                            case 1 -> HostileClient.BUFFERS + random.nextInt(2);
                            case 2 -> (long) random.nextInt(20) << 32 | random.nextInt(HostileClient.BUFFERS);
                            default -> random.nextInt(HostileClient.BUFFERS);
                        });
            case COUNTER -> {
                int at = COUNTERS[random.nextInt(COUNTERS.length)];
                long by = random.nextBoolean() ? -1 - random.nextInt(5) : random.nextInt(10_000);
                client.counter(at, client.counter(at) + (random.nextInt(4) == 0 ? random.nextLong() : by));
            }
            case SCRIBBLE -> {
                MemorySegment all = client.queuePairMemory();
                for (int i = random.nextInt(2_000); i >= 0; i--) {
                    long at = random.nextLong(random.nextBoolean() ? 256 : all.byteSize() / Long.BYTES) * Long.BYTES;
                    all.set(ValueLayout.JAVA_LONG, at, random.nextLong());
                }
            }
            case DOORBELL -> doorbell(client);
            case DOORBELL_FLOOD -> {
                for (int i = 0; i < FLOOD_RINGS; i++) {
                    rings.ring();
                }
            }
            case WAKE -> wakeSocket(client);
            default -> throw new IllegalArgumentException(attack.name());
        }
        if (random.nextInt(4) == 0) {
            rings.wake();
        }
    }

    /** A submission that the engine would take from anybody. */
    private void fillVerb(Attack attack, Rings rings) {
        boolean isLonely = rings.openCount() < FEW_CONNECTIONS;
        int op = isLonely && random.nextInt(3) == 0 ? Op.CONNECT : OPS[random.nextInt(OPS.length)];
        boolean isRare = op == Op.SHUTDOWN || op == Op.CLOSE || op == Op.ABORT || op == Op.LISTEN;
        if ((isRare && random.nextInt(4) > 0) || (op != Op.CONNECT && op != Op.LISTEN && rings.openCount() == 0)) {
            op = rings.openCount() == 0 ? Op.NOP : Op.SEND;
        }
        long handle = rings.handle(random);
        int length = 1 + random.nextInt(random.nextInt(8) == 0 ? 60_000 : 3_000);
        long offset = random.nextLong(HostileClient.REGION_BYTES - length);
        switch (op) {
            case Op.SEND ->
                rings.fill(attack, op, random.nextInt(8), 0, handle, Abi.NEXT_POSITION, 0, length, offset, 0);
            case Op.RECEIVE ->
                rings.fill(attack, op, 0, random.nextInt(length + 1), handle, Abi.NEXT_POSITION, 0, length, offset, 0);
            case Op.CONSUMED ->
                rings.fill(
                        attack,
                        op,
                        0,
                        0,
                        handle,
                        0,
                        0,
                        0,
                        0,
                        1 + random.nextInt(1 + (int) Math.min(rings.unconsumed(), 4096)));
            case Op.SET_OPTION -> {
                int option = 1 + random.nextInt(Option.CHARACTERISTIC);
                long value = option == Option.LINGER_NS ? random.nextLong(MAX_LINGER_NS) : random.nextInt(70_000);
                rings.fill(attack, op, 0, 0, handle, 0, 0, option, 0, value);
            }
            case Op.LISTEN ->
                rings.fill(attack, op, 0, random.nextInt(64), 0, 0, 0, 1 + random.nextInt(64), 0, targets.port(random));
            case Op.CONNECT -> {
                boolean isPeer = random.nextBoolean();
                rings.fill(
                        attack,
                        op,
                        0,
                        500 + random.nextInt(2_000),
                        0,
                        0,
                        0,
                        0,
                        isPeer ? targets.peerAddress() : targets.engineAddress(),
                        isPeer ? targets.peerPort() : targets.port(random));
            }
            case Op.NOP -> rings.fill(attack, op, 0, 0, 0, 0, 0, 0, 0, 0);
            default -> rings.fill(attack, op, 0, 0, handle, 0, 0, 0, 0, 0);
        }
    }

    /** One field other than op, handle and what must be zero. */
    private void mutate(MemorySegment memory, long at) {
        switch (random.nextInt(6)) {
            case 0 -> memory.set(ValueLayout.JAVA_INT, at + SubmissionDescriptor.MIN_LENGTH_OFFSET, (int) extreme());
            case 1 -> memory.set(ValueLayout.JAVA_LONG, at + SubmissionDescriptor.POSITION_OFFSET, extreme());
            case 2 -> memory.set(ValueLayout.JAVA_INT, at + SubmissionDescriptor.REGION_OFFSET, (int) extreme());
            case 3 -> memory.set(ValueLayout.JAVA_INT, at + SubmissionDescriptor.LENGTH_OFFSET, (int) extreme());
            case 4 -> memory.set(ValueLayout.JAVA_LONG, at + SubmissionDescriptor.OFFSET_OFFSET, extreme());
            default -> memory.set(ValueLayout.JAVA_LONG, at + SubmissionDescriptor.ARG_OFFSET, extreme());
        }
    }

    private long extreme() {
        return random.nextInt(4) == 0 ? random.nextLong() : EXTREMES[random.nextInt(EXTREMES.length)];
    }

    private long handle(Rings rings) {
        long own = rings.handle(random);
        return switch (random.nextInt(5)) {
            case 0 -> rings.staleHandle(random);
            case 1 -> Handle.of(Handle.lcore(own), Handle.generation(own) + 1, Handle.index(own));
            case 2 -> Handle.of(0, 1 + random.nextInt(3), random.nextInt(64)); // most likely a victim's
            case 3 -> Handle.of(random.nextInt(256), Handle.generation(own), random.nextInt());
            default -> random.nextLong();
        };
    }

    private void doorbell(HostileClient client) {
        switch (random.nextInt(4)) {
            case 0 -> {
                for (int i = random.nextInt(10); i >= 0; i--) {
                    client.rings.ring();
                }
            }
            case 1 -> {
                try (Arena arena = Arena.ofConfined()) {
                    client.rings.ring(); // else a blocking read would wait for ever
                    long _ = Syscalls.read(client.doorbell.number(), arena.allocate(Long.BYTES, Long.BYTES));
                }
            }
            case 2 -> Syscalls.makeBlocking(client.doorbell.number());
            default -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment most = arena.allocate(Long.BYTES, Long.BYTES);
                    long _ = Syscalls.read(ringAnd(client), most);
                    most.set(ValueLayout.JAVA_LONG, 0, 0xffff_ffff_ffff_fffeL);
                    long _ = Syscalls.write(client.doorbell.number(), most);
                    // A full counter would block whoever rings it next, and that is the client.
                    long _ = Syscalls.read(client.doorbell.number(), most);
                }
            }
        }
    }

    private static int ringAnd(HostileClient client) {
        client.rings.ring();
        return client.doorbell.number();
    }

    private void wakeSocket(HostileClient client) {
        // Asks to be woken all the time, and does not read it.
        client.counter(QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET, random.nextLong());
        int how = random.nextInt(8);
        if (!client.wakeup.isOpen()) {
            return;
        }
        if (how == 0) {
            Syscalls.shutdown(client.wakeup.number());
        } else if (how == 1) {
            client.wakeup.close();
        } else {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = arena.allocate(512);
                for (int i = 0; i < FILL_WRITES && Syscalls.write(client.wakeup.number(), bytes) > 0; i++) {
                    // Until it is full: the engine never reads its end.
                }
            }
        }
    }
}
