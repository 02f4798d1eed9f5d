package dev.toehold.perf.hostile;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.Op;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.Seal;
import dev.toehold.perf.hostile.HostileClient.Answer;
import dev.toehold.perf.hostile.HostileClient.EndedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.SplittableRandom;

/** What a client does with descriptors and with the memory that it lends. */
final class MemoryAttacks {
    private static final int SPARE_REGION = 5;
    private static final int PAGE = 4096;
    private static final int SPARE_BYTES = 16 * PAGE;

    /** SCM_MAX_FD: more the kernel does not carry in one message. */
    private static final int MOST_DESCRIPTORS = 253;

    private static final int FLOOD_MESSAGES = 16;
    private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
    private static final int MSGHDR_LENGTH = 56;
    private static final int CMSGHDR_LENGTH = 16;

    private final AttackCounts counts;
    private final SplittableRandom random;

    MemoryAttacks(AttackCounts counts, SplittableRandom random) {
        this.counts = counts;
        this.random = random;
    }

    void make(Attack attack, HostileClient client) throws EndedException {
        switch (attack) {
            case DESCRIPTOR -> descriptor(attack, client);
            case FLOOD -> flood(client);
            case REGION -> region(attack, client);
            case TRUNCATE -> truncate(attack, client);
            case HOLES -> holes(client);
            case HUGETLB -> hugePages(attack, client);
            default -> throw new IllegalArgumentException(attack.name());
        }
    }

    /** Registers it and, should that succeed, takes it back. */
    private void register(Attack attack, HostileClient client, Fd fd, long length) throws EndedException {
        Answer answer = client.control().ask(new ControlBody.Register(SPARE_REGION, length), fd);
        counts.answered(attack, answer.result());
        if (answer.result() == 0) {
            client.control().ask(new ControlBody.Unregister(SPARE_REGION)).close();
        }
    }

    private void descriptor(Attack attack, HostileClient client) throws EndedException {
        int[] pipe = Syscalls.pipe();
        int number = switch (random.nextInt(11)) {
            case 0 -> pipe[0];
            case 1 -> pipe[1];
            case 2 -> Syscalls.open("/dev/zero", Syscalls.O_RDWR);
            case 3 -> Syscalls.open("/dev/null", Syscalls.O_RDWR);
            case 4 -> Syscalls.open("/proc/self/mem", Syscalls.O_RDONLY);
            case 5 -> Syscalls.open("/", Syscalls.O_PATH);
            case 6 -> Syscalls.open("/etc/passwd", Syscalls.O_RDONLY);
            case 7 -> Syscalls.epoll();
            case 8 -> Syscalls.memfd(0);
            case 9 -> Syscalls.memfd(Syscalls.MFD_ALLOW_SEALING);
            default -> Syscalls.open("/dev/shm", Syscalls.O_RDONLY);
        };
        if (random.nextInt(6) == 0) {
            // What the session has anyway: its own sockets, doorbell, rings.
            Fd[] own = {client.socket.fd(), client.doorbell, client.queuePair};
            register(attack, client, own[random.nextInt(own.length)], PAGE);
        } else if (number >= 0) {
            try (Fd fd = Fd.adopt(number).duplicate()) {
                register(attack, client, fd, PAGE);
            }
        }
        if (number != pipe[0] && number != pipe[1] && number >= 0) {
            Syscalls.close(number);
        }
        Syscalls.close(pipe[0]);
        Syscalls.close(pipe[1]);
    }

    /** As many descriptors as go into a message, in as many messages as make 4,000; or control data that ends in the middle. */
    private void flood(HostileClient client) throws EndedException {
        boolean isCut = random.nextBoolean();
        try (Arena arena = Arena.ofConfined()) {
            int length = client.control().encode(new ControlBody.TcpInfo(0));
            MemorySegment header = arena.allocate(MSGHDR_LENGTH, Long.BYTES);
            MemorySegment vector = arena.allocate(2L * Long.BYTES, Long.BYTES);
            vector.set(ValueLayout.ADDRESS, 0, client.control().buffer());
            vector.set(ValueLayout.JAVA_LONG, Long.BYTES, length);
            int controlLength = CMSGHDR_LENGTH + MOST_DESCRIPTORS * Integer.BYTES;
            MemorySegment control = arena.allocate(controlLength, Long.BYTES);
            control.set(ValueLayout.JAVA_LONG, 0, isCut ? controlLength - random.nextInt(64) : controlLength);
            control.set(ValueLayout.JAVA_INT, 8, 1); // SOL_SOCKET
            control.set(ValueLayout.JAVA_INT, 12, 1); // SCM_RIGHTS
            for (int i = 0; i < MOST_DESCRIPTORS; i++) {
                control.set(ValueLayout.JAVA_INT, CMSGHDR_LENGTH + (long) i * Integer.BYTES, client.doorbell.number());
            }
            header.set(ValueLayout.ADDRESS, 16, vector);
            header.set(ValueLayout.JAVA_LONG, 24, 1);
            header.set(ValueLayout.ADDRESS, 32, control);
            header.set(ValueLayout.JAVA_LONG, 40, isCut ? controlLength - random.nextInt(12) : controlLength);
            for (int i = 0; i < FLOOD_MESSAGES; i++) {
                if (Syscalls.sendMessage(client.socket.fd().number(), header, MSG_DONTWAIT_NOSIGNAL) < 0) {
                    break;
                }
            }
        }
        client.checkAlive();
    }

    /** Takes a region away while the engine works with it, and brings it again under the same id. */
    private void region(Attack attack, HostileClient client) throws EndedException {
        try (MemFd memory = HostileClient.newMemory(SPARE_BYTES)) {
            Answer answer = client.control().ask(new ControlBody.Register(SPARE_REGION, SPARE_BYTES), memory.fd());
            counts.answered(attack, answer.result());
            if (answer.result() == 0) {
                use(attack, client);
                client.control()
                        .ask(new ControlBody.Unregister(HostileClient.REGION))
                        .close(); // it holds a group
                int length = client.control().encode(new ControlBody.Unregister(SPARE_REGION));
                client.control().sendPatiently(client.control().buffer().asSlice(0, length));
                use(attack, client);
                client.rings.drain(counts);
            }
        }
    }

    /**
     * Sends or receives in the spare region, if there is a connection. Most often it aborts that then: while a RECEIVE waits there the region
     * cannot go, and whoever asked for that gets no further answer.
     */
    private void use(Attack attack, HostileClient client) {
        Rings rings = client.rings;
        if (rings.openCount() > 0 && rings.hasRoom()) {
            long handle = rings.handle(random);
            int op = random.nextBoolean() ? Op.SEND : Op.RECEIVE;
            rings.fill(attack, op, 0, 0, handle, -1, SPARE_REGION, SPARE_BYTES - 1, 0, 0);
            rings.submit();
            if (random.nextInt(16) > 0 && rings.hasRoom()) {
                rings.fill(attack, Op.ABORT, 0, 0, handle, 0, 0, 0, 0, 0);
                rings.submit();
            }
            rings.wake();
        }
    }

    private void truncate(Attack attack, HostileClient client) throws EndedException {
        int number = Syscalls.memfd(Syscalls.MFD_ALLOW_SEALING);
        try (MemFd memory = MemFd.adopt(Fd.adopt(number))) {
            memory.allocate(SPARE_BYTES);
            boolean isSealed = random.nextBoolean();
            if (isSealed) {
                memory.seal(EnumSet.of(Seal.SHRINK));
            }
            Answer answer = client.control().ask(new ControlBody.Register(SPARE_REGION, SPARE_BYTES), memory.fd());
            counts.answered(attack, answer.result());
            boolean hasShrunk = Syscalls.truncate(number, 0) == 0;
            if (answer.result() == 0) {
                if (hasShrunk) {
                    throw new IllegalStateException("the engine has taken memory that can shrink");
                }
                use(attack, client);
                client.control().ask(new ControlBody.Unregister(SPARE_REGION)).close();
            }
        }
    }

    /** The region in use loses its pages; the engine's next access finds new ones, of zeros. */
    private void holes(HostileClient client) {
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            long from = (long) random.nextInt((int) (HostileClient.REGION_BYTES / PAGE)) * PAGE;
            int _ = Syscalls.punchHole(client.memory.fd().number(), from, PAGE * (1L + random.nextInt(32)));
        }
    }

    private void hugePages(Attack attack, HostileClient client) throws EndedException {
        int number = Syscalls.memfd(Syscalls.MFD_ALLOW_SEALING | Syscalls.MFD_HUGETLB);
        if (number < 0) {
            counts.answered(attack, 0); // this kernel has none
            return;
        }
        try (Fd fd = Fd.adopt(number)) {
            int _ = Syscalls.truncate(number, 2 << 20);
            register(attack, client, fd, 2 << 20);
        } catch (LinuxException e) {
            counts.answered(attack, -1);
        }
    }
}
