package dev.toehold.perf.hostile;

import dev.toehold.abi.Abi;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlMessage;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.perf.hostile.HostileClient.Answer;
import dev.toehold.perf.hostile.HostileClient.Control;
import dev.toehold.perf.hostile.HostileClient.EndedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What a client does on control sockets, its own and others that it opens. */
final class ControlAttacks {
    private static final int SOME_SOCKETS = 40;
    private static final int UNREAD_REQUESTS = 200;
    private static final int[] EXTREMES = {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 255, 256, 65_536, 1 << 20};

    private final String path;
    private final AttackCounts counts;
    private final SplittableRandom random;

    ControlAttacks(String path, AttackCounts counts, SplittableRandom random) {
        this.path = path;
        this.counts = counts;
        this.random = random;
    }

    void make(Attack attack, HostileClient client) throws EndedException {
        switch (attack) {
            case REQUEST -> ask(attack, client, request(client));
            case REQUEST_FIELD -> oneFieldOff(attack, client);
            case FRAME -> frame(client);
            case UNREAD -> unread(client);
            case TOKEN -> hello(attack);
            case SESSION -> sessions(attack);
            default -> throw new IllegalArgumentException(attack.name());
        }
    }

    private void ask(Attack attack, HostileClient client, ControlBody body) throws EndedException {
        Answer answer = client.control().ask(body);
        counts.answered(attack, answer.result());
        answer.close();
    }

    private ControlBody request(HostileClient client) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> new ControlBody.TcpInfo(client.rings.handle(random));
            case 2 ->
                new ControlBody.Group(
                        1 + random.nextInt(3), HostileClient.REGION, 512 << 10, 4096, 1 + random.nextInt(64));
            case 3 -> new ControlBody.Resume(client.rings.handle(random), 0, 0, 0);
            case 4 -> new ControlBody.QueuePair(0);
            default -> new ControlBody.Admin(random.nextBoolean() ? "status" : "connections");
        };
    }

    private int extreme() {
        return random.nextInt(3) == 0 ? random.nextInt() : EXTREMES[random.nextInt(EXTREMES.length)];
    }

    private void oneFieldOff(Attack attack, HostileClient client) throws EndedException {
        switch (random.nextInt(6)) {
            case 0 -> ask(attack, client, new ControlBody.TcpInfo(random.nextLong()));
            case 1 -> ask(attack, client, new ControlBody.Group(extreme(), HostileClient.REGION, 0, 2048, 16));
            case 2 -> ask(attack, client, new ControlBody.Group(4, extreme(), random.nextLong(), 2048, 16));
            case 3 -> ask(attack, client, new ControlBody.Group(4, HostileClient.REGION, 64, extreme(), extreme()));
            case 4 -> ask(attack, client, new ControlBody.QueuePair(extreme()));
            default -> {
                try (MemFd memory = HostileClient.newMemory(4096)) {
                    boolean isLength = random.nextBoolean();
                    ControlBody register =
                            new ControlBody.Register(isLength ? 9 : extreme(), isLength ? random.nextLong() : 4096);
                    Answer answer = client.control().ask(register, memory.fd());
                    counts.answered(attack, answer.result());
                    if (answer.result() == 0) {
                        int id = ((ControlBody.Register) register).region();
                        client.control().ask(new ControlBody.Unregister(id)).close();
                    }
                }
            }
        }
    }

    /** A message that is none, most often as long as it says and with a correlation, so that it is answered. */
    private void frame(HostileClient client) throws EndedException {
        Control control = client.control();
        MemorySegment buffer = control.buffer();
        int length = control.encode(request(client));
        switch (random.nextInt(10)) {
            case 0 -> {
                length = 16 + random.nextInt(200);
                for (int i = 16; i < length; i++) {
                    buffer.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
                }
                buffer.set(ValueLayout.JAVA_INT_UNALIGNED, ControlMessage.LENGTH_OFFSET, length);
            }
            case 1 -> length = Math.max(16, random.nextInt(length));
            case 2 -> buffer.set(ValueLayout.JAVA_INT_UNALIGNED, ControlMessage.LENGTH_OFFSET, random.nextInt());
            case 3 ->
                buffer.set(
                        ValueLayout.JAVA_SHORT_UNALIGNED, ControlMessage.FLAGS_OFFSET, (short) (1 + random.nextInt(9)));
            case 4 -> {
                if (random.nextInt(20) == 0) {
                    length = 1 + random.nextInt(15); // without a correlation: the engine hangs up
                }
            }
            default ->
                buffer.set(ValueLayout.JAVA_SHORT_UNALIGNED, ControlMessage.TYPE_OFFSET, (short) random.nextInt(20));
        }
        control.sendPatiently(buffer.asSlice(0, length));
        client.checkAlive();
    }

    /** Long answers, many of them, that nobody reads; then it reads them, or leaves. */
    private void unread(HostileClient client) throws EndedException {
        Control control = client.control();
        for (int i = 0; i < UNREAD_REQUESTS; i++) {
            int length = control.encode(new ControlBody.Admin("counters"));
            if (control.send(control.buffer().asSlice(0, length)) < 0) {
                break;
            }
        }
        if (random.nextBoolean()) {
            throw new EndedException("left-with-answers-unread");
        }
        // The last of those that were sent answers this one too.
        control.ask(new ControlBody.TcpInfo(0)).close();
    }

    private void hello(Attack attack) throws EndedException {
        try (Control control = new Control(path)) {
            ControlBody.Hello hello = switch (random.nextInt(4)) {
                case 0 -> new ControlBody.Hello(Abi.MAJOR, 0, 0, 0, token(), "taken over");
                case 1 -> new ControlBody.Hello(random.nextInt(1 << 16), 0, 0, 0, ControlBody.Token.NONE, "version");
                case 2 -> new ControlBody.Hello(Abi.MAJOR, 0, 0, random.nextLong(), ControlBody.Token.NONE, "needs");
                default ->
                    new ControlBody.Hello(Abi.MAJOR, 0, Integer.MAX_VALUE, 0, ControlBody.Token.NONE, "n".repeat(255));
            };
            Answer answer = control.ask(hello);
            counts.answered(attack, answer.result());
            answer.close();
        } catch (EndedException | LinuxException e) {
            counts.answered(attack, -1);
        }
    }

    private ControlBody.Token token() {
        return new ControlBody.Token(random.nextLong(), random.nextLong() | 1);
    }

    /** Sockets without and with a session, more than it may have; all of them left at once. */
    private void sessions(Attack attack) {
        List<Control> open = new ArrayList<>();
        try {
            for (int i = 0; i < SOME_SOCKETS; i++) {
                Control control = new Control(path);
                open.add(control);
                if (random.nextInt(4) > 0) {
                    Answer answer = control.ask(HostileClient.hello());
                    counts.answered(attack, answer.result());
                    answer.descriptors().forEach(Fd::close);
                }
            }
        } catch (EndedException | LinuxException e) {
            counts.answered(attack, -3);
        } finally {
            open.forEach(Control::close);
        }
    }
}
