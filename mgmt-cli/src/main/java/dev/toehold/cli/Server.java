package dev.toehold.cli;

import java.io.IOException;

/** What {@code toehold serve} runs: a client of the engine behind one listener. */
interface Server extends AutoCloseable {
    String engineName();

    /** Serves until {@link #close} or until the engine goes away, which throws. */
    void run() throws IOException;

    /** No new connections; those that there are end in good order, as far as the engine can. Any thread. */
    @Override
    void close();
}
