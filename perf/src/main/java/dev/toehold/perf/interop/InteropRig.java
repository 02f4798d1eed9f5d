package dev.toehold.perf.interop;

import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import dev.toehold.perf.link.ImpairingLink;
import dev.toehold.perf.link.Impairments;
import dev.toehold.perf.link.LinkCounters;
import dev.toehold.perf.link.LinkCounters.Count;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.ServerUnderTest;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.rig.UndoStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** An engine and the kernel with an impairing link between them; this process is the application at both ends. */
public final class InteropRig implements AutoCloseable {
    private static final int KERNEL_PORT = 7000;
    private static final int ENGINE_PORT = 7001;
    private static final Duration OPEN_PATIENCE = Duration.ofMinutes(1);
    private static final Duration CASE_PATIENCE = Duration.ofMinutes(2);
    private static final int LEAST_BUFFER = 8 << 10;
    private static final int LARGEST_BUFFER = 512 << 10;

    private final UndoStack undo = new UndoStack();
    private final Testbed testbed;
    private final Toehold toehold;
    private final Listener listener;

    /** What came of a case. */
    public record Outcome(InteropCase interopCase, long bytes, long elapsedNs, LinkCounters link) {}

    /** Makes namespaces and link, starts the engine, attaches to it. */
    public InteropRig(int mtu) throws Exception {
        boolean stands = false;
        try {
            testbed = Testbed.createLinked(undo, Placement.byDefault(), mtu);
            toehold = Toehold.connect(ServerUnderTest.startEngine(testbed, undo));
            undo.push(toehold::close);
            listener = toehold.listen(new InetSocketAddress(ENGINE_PORT));
            stands = true;
        } finally {
            if (!stands) {
                undo.close();
            }
        }
    }

    /**
     * Runs one case.
     *
     * @throws AssertionError naming the case: a byte was wrong, missing or surplus, a connection was reset or hung
     */
    public Outcome run(InteropCase interopCase) throws Exception {
        ImpairingLink link = testbed.link();
        LinkCounters before = link.leftToRight().plus(link.rightToLeft());
        long startNs = System.nanoTime();
        testbed.generatorSide().run(() -> {
            interopCase.options().apply();
            return null;
        });
        List<Exchange> exchanges = new ArrayList<>();
        try {
            link.impair(interopCase.impairments(), interopCase.impairments(), interopCase.seed());
            long bytes = exchange(interopCase, exchanges);
            LinkCounters counters = link.leftToRight().plus(link.rightToLeft()).minus(before);
            check(interopCase, counters);
            return new Outcome(interopCase, bytes, System.nanoTime() - startNs, counters);
        } catch (IOException | AssertionError e) {
            LinkCounters counters = link.leftToRight().plus(link.rightToLeft()).minus(before);
            throw new AssertionError(interopCase + ": " + e.getMessage() + "; the link: " + counters, e);
        } finally {
            link.impair(Impairments.NONE, Impairments.NONE, 0);
            exchanges.forEach(Exchange::abandon);
        }
    }

    private long exchange(InteropCase interopCase, List<Exchange> exchanges) throws Exception {
        SplittableRandom random = new SplittableRandom(interopCase.seed());
        for (boolean isIpv6 : new boolean[] {false, true}) {
            exchanges.add(kernelOpens(isIpv6, random));
            exchanges.add(engineOpens(isIpv6, random));
        }
        long deadlineNs = System.nanoTime() + CASE_PATIENCE.toNanos();
        List<CompletableFuture<Void>> futures =
                exchanges.stream().map(Exchange::start).toList();
        for (int i = 0; i < exchanges.size(); i++) {
            exchanges.get(i).await(futures.get(i), deadlineNs);
        }
        return exchanges.stream().mapToLong(Exchange::length).sum();
    }

    private static void check(InteropCase interopCase, LinkCounters counters) {
        if (counters.accidents() > 0) {
            throw new AssertionError("the link dropped frames that it should not have");
        }
        if (interopCase.isOrderly() && counters.get(Count.TCP_RESETS) > 0) {
            throw new AssertionError("a segment with RST on a wire that loses and delays nothing");
        }
    }

    private <T> T onKernelSide(Callable<T> task) throws Exception {
        return testbed.generatorSide().run(task);
    }

    private static ProtocolFamily family(boolean isIpv6) {
        return isIpv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    private static int bufferBytes(SplittableRandom random) {
        return random.nextInt(LEAST_BUFFER, LARGEST_BUFFER);
    }

    private Exchange kernelOpens(boolean isIpv6, SplittableRandom random) throws Exception {
        // A channel opens its descriptor at once, in the kernel side's namespace; a socket by itself would wait.
        Socket socket = onKernelSide(() -> SocketChannel.open(family(isIpv6))).socket();
        // Before connect: what the kernel offers for the window's scale follows from it.
        socket.setReceiveBufferSize(bufferBytes(random));
        CompletableFuture<Void> connecting = Exchange.async(() -> {
            String address = isIpv6 ? Testbed.ENGINE_ADDRESS_6 : Testbed.ENGINE_ADDRESS;
            socket.connect(new InetSocketAddress(address, ENGINE_PORT), (int) OPEN_PATIENCE.toMillis());
            return null;
        });
        Connection accepted = listener.accept(OPEN_PATIENCE);
        connecting.get();
        return new Exchange(
                name("kernel opens", isIpv6), Ends.of(socket), Ends.of(accepted), testbed.mtu(), random.nextLong());
    }

    private Exchange engineOpens(boolean isIpv6, SplittableRandom random) throws Exception {
        InetAddress address = InetAddress.getByName(isIpv6 ? Testbed.GENERATOR_ADDRESS_6 : Testbed.GENERATOR_ADDRESS);
        try (ServerSocketChannel channel = onKernelSide(() -> ServerSocketChannel.open(family(isIpv6)))) {
            ServerSocket server = channel.socket();
            server.setReuseAddress(true);
            server.setReceiveBufferSize(bufferBytes(random));
            server.bind(new InetSocketAddress(address, KERNEL_PORT));
            server.setSoTimeout((int) OPEN_PATIENCE.toMillis());
            Connection opened = toehold.open(new InetSocketAddress(address, KERNEL_PORT), OPEN_PATIENCE);
            Socket socket = server.accept();
            return new Exchange(
                    name("engine opens", isIpv6), Ends.of(opened), Ends.of(socket), testbed.mtu(), random.nextLong());
        }
    }

    private static String name(String who, boolean isIpv6) {
        return who + (isIpv6 ? ", IPv6" : ", IPv4");
    }

    @Override
    public void close() {
        undo.close();
    }
}
