package dev.toehold.engine;

import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.link.LinkCounters;

/** The rooms that {@link Engine} joins with each lcore's stack, and the control side that it starts last. */
public interface Rooms {
    /**
     * The application's side of an lcore; on the lcore's thread, before it begins to poll.
     *
     * @param commands of this lcore, for other threads
     */
    Applications newApplications(Engine engine, LcoreStack stack, LcoreCommands commands);

    /** Who carries an lcore's counters to their readers; on the lcore's thread, before it begins to poll. */
    LcoreObserver newObserver(
            Engine engine, LcoreStack stack, LinkCounters linkCounters, LcoreStats stats, Applications applications);

    /**
     * Begins to serve clients, when every lcore runs.
     *
     * @return ends it: first no new sessions, then those that there are; while the lcores still run
     */
    AutoCloseable startControl(Engine engine);
}
