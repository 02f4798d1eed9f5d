package dev.toehold.engine;

import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.link.LinkCounters;

/** The rooms that {@link Engine} joins with each lcore's stack, and the control side. Used for one engine. */
public interface Rooms extends AutoCloseable {
    /** Before any lcore is started; ports are open. */
    void open(Engine engine);

    /**
     * The application's side of an lcore; on the lcore's thread, before it begins to poll.
     *
     * @param commands of this lcore, for other threads
     */
    Applications newApplications(Engine engine, LcoreStack stack, LcoreCommands commands);

    /** Who carries an lcore's counters to their readers; on the lcore's thread, before it begins to poll. */
    LcoreObserver newObserver(
            Engine engine, LcoreStack stack, LinkCounters linkCounters, LcoreStats stats, Applications applications);

    /** Begins to serve clients; every lcore runs. */
    void start(Engine engine);

    /** Ends sessions, orderly; every lcore still runs. Only after {@link #start}. */
    void stop();

    /** Gives back what clients had lent, and everything else; no lcore runs any more. Also after a start that failed. */
    @Override
    void close();
}
