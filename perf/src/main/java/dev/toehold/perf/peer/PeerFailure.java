package dev.toehold.perf.peer;

import java.io.IOException;

/** What came over a connection is not what had to come. */
final class PeerFailure extends IOException {
    private static final long serialVersionUID = 1L;

    PeerFailure(String message) {
        super(message);
    }
}
