package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the engine puts on the wire, as a second implementation of the protocols reads it. */
final class WireIT {
    private static final int PORT = 7;
    private static final int CLOSED_PORT = 9;
    private static final int CONNECTIONS = 8;
    private static final int BYTES = 300_000;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", PORT);
    }

    @Test
    void shouldSendOnlyWellFormedPacketsWithGoodChecksums() throws Exception {
        long seed = Seeds.next("wire");
        Path capture = RIG.directory().resolve("wire.pcap");
        ChildProcess tcpdump = RIG.startPeer(
                "tcpdump",
                "-i",
                TestNetwork.PEER_DEVICE,
                "-Q",
                "in",
                "-s",
                "0",
                "-B",
                "65536",
                "-U",
                "-Z",
                "root",
                "-w",
                capture.toString());
        ChildProcess.await("tcpdump listens", 30, () -> tcpdump.err().contains("listening on"));
        for (boolean isIpv6 : new boolean[] {false, true}) {
            List<SocketChannel> sockets = RIG.network().peerSockets(CONNECTIONS, isIpv6);
            Parallel.run(CONNECTIONS, 60, i -> {
                try (SocketChannel socket = sockets.get(i)) {
                    socket.connect(TestNetwork.engineAddress(PORT, isIpv6));
                    Content content = new Content(seed + i);
                    Parallel.Running sending = Parallel.start(1, task -> {
                        content.send(socket, 0, BYTES, 10_007);
                        socket.shutdownOutput();
                    });
                    content.receive(socket, 0, BYTES);
                    Content.checkEnd(socket);
                    sending.await(60);
                }
            });
            // Odd sizes, so that checksums are padded; a port that nobody listens on.
            RIG.peer("ping", "-n", "-q", "-c", "3", "-i", "0.1", "-s", "777", address(isIpv6));
            ChildProcess refused = RIG.startPeer("nc", "-w", "10", "-z", address(isIpv6), "" + CLOSED_PORT);
            assertEquals(1, refused.awaitExit(30));
        }
        RIG.peer("sleep", "1");
        tcpdump.terminate();
        assertEquals(0, tcpdump.awaitExit(30));
        assertTrue(tcpdump.err().contains("\n0 packets dropped by kernel"), tcpdump.err());

        String all = read(capture, "tcp.srcport == 7");
        long segments = all.lines().count();
        System.out.println("segments of the engine: " + segments + ", capture " + Files.size(capture) + " bytes");
        assertTrue(segments > 2L * CONNECTIONS * BYTES / 1_500, "segments=" + segments);
        assertTrue(!read(capture, "icmp.type == 0").isEmpty(), "no echo reply");
        assertTrue(!read(capture, "icmpv6.type == 129").isEmpty(), "no echo reply");
        assertEquals(
                2,
                read(capture, "tcp.srcport == 9 && tcp.flags.reset == 1")
                        .lines()
                        .count());
        assertEquals("", read(capture, "_ws.malformed || _ws.expert.severity == error"));
        assertEquals(
                "",
                read(
                        capture,
                        "tcp.checksum.status == \"Bad\" || ip.checksum.status == \"Bad\" || icmp.checksum.status == \"Bad\""
                                + " || icmpv6.checksum.status == \"Bad\""));
        assertEquals("", read(capture, "tcp && tcp.checksum.status != \"Good\""));
    }

    private static String address(boolean isIpv6) {
        return isIpv6 ? TestNetwork.ENGINE_IPV6 : TestNetwork.ENGINE_IPV4;
    }

    private static String read(Path capture, String filter) throws Exception {
        return RIG.peer(
                        "tshark",
                        "-n",
                        "-r",
                        capture.toString(),
                        "-o",
                        "tcp.check_checksum:TRUE",
                        "-o",
                        "ip.check_checksum:TRUE",
                        "-Y",
                        filter)
                .out();
    }
}
