package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.client.Connection;
import dev.toehold.client.Listener;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client has CLOSEd is still sent after the client is gone. */
final class LingerIT {
    private static final int PORT = 9200;
    private static final int BYTES = 1_500_000;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    /** The client process: submits SEND and CLOSE, then ends without a goodbye, while the peer has read nothing yet. */
    static final class Sender {
        private Sender() {}

        public static void main(String[] arguments) throws Exception {
            byte[] content = new Content(Long.parseLong(arguments[1])).bytes(0, BYTES);
            Toehold toehold = Toehold.builder()
                    .socket(Path.of(arguments[0]))
                    .name("sender")
                    .connect();
            Region region = toehold.register(BYTES);
            region.memory().copyFrom(MemorySegment.ofArray(content));
            Listener listener = toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV4, PORT));
            System.out.println("ready");
            Connection connection = listener.accept(Duration.ofSeconds(60));
            boolean wasSent = connection.sendAsync(region.location(0, BYTES)).isDone();
            boolean wasClosed = connection.closeAsync().isDone();
            System.out.println("sent=" + wasSent + " closed=" + wasClosed);
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    void shouldSendWhatWasClosedAfterTheClientExited() throws Exception {
        long seed = Seeds.next("linger");
        List<String> command = EngineRig.java(
                List.of(), Sender.class.getName(), List.of(RIG.socket().toString(), Long.toString(seed)));
        try (ChildProcess sender = ChildProcess.start("sender", command, RIG.directory());
                SocketChannel socket = RIG.network().peerSockets(1, false).getFirst()) {
            sender.awaitReady(60);
            // Far too small for what is sent: most of it must wait in the engine's care.
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 16_384);
            socket.connect(TestNetwork.engineAddress(PORT, false));
            assertEquals(0, sender.awaitExit(60), sender.err());
            assertEquals("ready\nsent=false closed=false\n", sender.out());
            Content content = new Content(seed);
            Parallel.run(1, 90, task -> {
                content.receive(socket, 0, BYTES);
                Content.checkEnd(socket);
            });
        }
        ChildProcess.await(
                "the sender's memory is let go",
                60,
                () -> RIG.engine().sharedMappings().isEmpty());
    }
}
