package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code serve echo} with peers that do not do what an echo client usually does. */
final class EchoIT {
    private static final int PORT = 7;
    private static final int HASTY_PORT = 17;
    private static final int NARROW_PORT = 27;
    private static final int NARROW_PLACES = 3;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", PORT, "--no-rehearsal");
        RIG.serve("echo", HASTY_PORT, "--no-rehearsal", "--idle-timeout", "1");
        RIG.serve("echo", NARROW_PORT, "--no-rehearsal", "--max-connections", "" + NARROW_PLACES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEchoEverythingToAPeerThatReadsOnlyAfterItHasSent(boolean isIpv6) throws Exception {
        Content content = new Content(Seeds.next("late"));
        try (SocketChannel socket = RIG.network().connect(PORT, isIpv6)) {
            socket.configureBlocking(false);
            long sent = 0;
            ByteBuffer chunk = ByteBuffer.allocate(0);
            for (int refusals = 0; refusals < 20; ) {
                if (!chunk.hasRemaining()) {
                    chunk = ByteBuffer.wrap(content.bytes(sent, 8_192));
                }
                int count = socket.write(chunk);
                sent += count;
                if (count == 0) {
                    refusals++;
                    Thread.sleep(50);
                }
            }
            socket.configureBlocking(true);
            socket.shutdownOutput();
            assertTrue(sent > 200_000, "all windows are full after " + sent + " bytes");
            content.receive(socket, 0, sent);
            Content.checkEnd(socket);
        }
    }

    @Test
    void shouldLetASilentPeerGoAndKeepAnActiveOne() throws Exception {
        Content content = new Content(Seeds.next("silent"));
        try (SocketChannel silent = RIG.network().connect(HASTY_PORT, false);
                SocketChannel active = RIG.network().connect(HASTY_PORT, false)) {
            for (int i = 0; i < 8; i++) {
                content.send(active, i * 100L, i * 100L + 100, 100);
                content.receive(active, i * 100L, i * 100L + 100);
                Thread.sleep(250);
            }
            Content.checkEnd(silent);
            active.shutdownOutput();
            Content.checkEnd(active);
        }
    }

    @Test
    void shouldServeThoseThatWaitWhenOthersHaveGone() throws Exception {
        Content content = new Content(Seeds.next("narrow"));
        List<SocketChannel> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 3 * NARROW_PLACES; i++) {
                SocketChannel socket = RIG.network().connect(NARROW_PORT, false);
                sockets.add(socket);
                content.send(socket, i, i + 1_000, 1_000);
            }
            for (int i = 0; i < sockets.size(); i++) {
                content.receive(sockets.get(i), i, i + 1_000);
                sockets.get(i).close();
            }
        } finally {
            for (SocketChannel socket : sockets) {
                socket.close();
            }
        }
    }
}
