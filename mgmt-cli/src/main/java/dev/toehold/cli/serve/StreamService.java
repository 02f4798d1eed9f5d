package dev.toehold.cli.serve;

import java.io.IOException;

/** What is done with one connection; one thread, from its first byte to its last. */
@FunctionalInterface
public interface StreamService {
    /**
     * Returns when nothing more is to be said. The caller then ends its direction, takes a little of what the peer still
     * sends (closing on unread bytes would reset the answer away), and closes.
     *
     * @throws IOException if the conversation broke off; the caller resets the connection
     */
    void serve(Conversation peer) throws IOException;
}
