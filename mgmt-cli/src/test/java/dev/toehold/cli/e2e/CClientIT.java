package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client in C, written from the Javadoc of dev.toehold.abi alone, echoes for peers of the kernel's TCP; every byte compared. */
final class CClientIT {
    private static final int PORT = 7;
    private static final int CONNECTIONS = 24;
    private static final int TRANSFER_BYTES = 1_500_000;
    private static final long COMPILE_SECONDS = 120;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    private static ChildProcess client;

    @BeforeAll
    static void compileAndStart() throws Exception {
        assumeTrue(hasCompiler(), "no C compiler (gcc) on this machine");
        Path source = Path.of("../client/src/test/c/echo_client.c").toAbsolutePath();
        Path program = RIG.directory().resolve("echo_client");
        ChildProcess compiler = RIG.keep(ChildProcess.start(
                "gcc",
                List.of(
                        "gcc",
                        "-std=gnu11",
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-o",
                        program.toString(),
                        source.toString()),
                RIG.directory()));
        assertEquals(0, compiler.awaitExit(COMPILE_SECONDS), compiler::err);
        List<String> command = List.of(program.toString(), RIG.socket().toString(), Integer.toString(PORT));
        client = RIG.keep(ChildProcess.start("echo_client", RIG.network().onEngineSide(command), RIG.directory()))
                .awaitReady(COMPILE_SECONDS);
    }

    private static boolean hasCompiler() throws InterruptedException {
        try {
            return new ProcessBuilder("gcc", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEchoManyTransfersAtOnce(boolean isIpv6) throws Exception {
        long seed = Seeds.next("c client ipv6=" + isIpv6);
        List<SocketChannel> sockets = RIG.network().peerSockets(CONNECTIONS, isIpv6);
        Parallel.run(CONNECTIONS, 240, i -> {
            try (SocketChannel socket = sockets.get(i)) {
                socket.connect(TestNetwork.engineAddress(PORT, isIpv6));
                Content content = new Content(seed + i);
                Parallel.Running sending = Parallel.start(1, task -> {
                    content.send(socket, 0, TRANSFER_BYTES, 100 + 997 * i);
                    socket.shutdownOutput();
                });
                content.receive(socket, 0, TRANSFER_BYTES);
                Content.checkEnd(socket);
                sending.await(10);
            }
        });
        assertTrue(client.isAlive(), client::err);
    }

    @Test
    void shouldSurvivePeersThatResetAndTakeNothingBack() throws Exception {
        for (SocketChannel socket : RIG.network().peerSockets(CONNECTIONS, false)) {
            try (socket) {
                socket.connect(TestNetwork.engineAddress(PORT, false));
                new Content(1).send(socket, 0, 20_000, Integer.MAX_VALUE);
                socket.setOption(java.net.StandardSocketOptions.SO_LINGER, 0); // RST
            }
        }
        try (SocketChannel socket = RIG.network().peerSockets(1, false).getFirst()) {
            socket.connect(TestNetwork.engineAddress(PORT, false));
            Content content = new Content(2);
            content.send(socket, 0, 50_000, Integer.MAX_VALUE);
            socket.shutdownOutput();
            content.receive(socket, 0, 50_000);
            Content.checkEnd(socket);
        }
        assertTrue(client.isAlive(), client::err);
        assertEquals(0, EngineRig.counter(RIG.listing("counters"), "client.copied.bytes"));
        assertEquals(0, EngineRig.counter(RIG.listing("counters"), "lcore.errors"));
    }
}
