package dev.toehold.perf.peer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RequestsTest {
    private final Requests requests = new Requests(3);

    @Test
    void shouldAcceptItsOwnBytes() {
        requests.response().put(requests.next());
        assertDoesNotThrow(requests::checkResponse);
    }

    @Test
    void shouldRefuseThePreviousRequestsBytes() {
        ByteBuffer previous = ByteBuffer.allocate(Services.MESSAGE_LENGTH)
                .put(requests.next())
                .flip();
        requests.next();
        requests.response().put(previous);
        assertThrows(PeerFailure.class, requests::checkResponse);
    }

    @Test
    void shouldRefuseAnotherConnectionsBytes() {
        requests.next();
        requests.response().put(new Requests(4).next());
        assertThrows(PeerFailure.class, requests::checkResponse);
    }

    @Test
    void shouldRefuseATruncatedResponse() {
        requests.response().put(requests.next().limit(Services.MESSAGE_LENGTH - 1));
        assertThrows(PeerFailure.class, requests::checkResponse);
    }
}
