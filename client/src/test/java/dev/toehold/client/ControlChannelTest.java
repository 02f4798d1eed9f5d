package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlMessage;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ControlChannelTest {
    @Test
    void shouldSayWhyAnEngineHungUpBeforeTheRequest() throws IOException {
        SeqPacketSocket[] pair = SeqPacketSocket.pair();
        MemorySegment buffer = Arena.ofAuto().allocate(ControlMessage.MAX_LENGTH);
        int length =
                new ControlEncoder(buffer).encode(0, new ControlBody.Reply(ResultCode.DENIED, "uid=7 may not attach"));
        pair[1].send(buffer.asSlice(0, length));
        pair[1].close();
        try (ControlChannel channel = new ControlChannel(pair[0])) {
            ToeholdException refused = assertThrows(
                    ToeholdException.class,
                    () -> channel.request(
                            new ControlBody.Hello(1, 0, 0, 0, ControlBody.Token.NONE, "x"),
                            ControlBody.Welcome.class,
                            Duration.ofSeconds(10),
                            true));
            assertEquals(ResultCode.DENIED, refused.code());
            assertEquals("uid=7 may not attach", refused.getMessage().substring(0, 20));
        }
    }
}
