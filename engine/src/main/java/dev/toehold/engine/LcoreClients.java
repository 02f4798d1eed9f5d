package dev.toehold.engine;

import dev.toehold.session.LcoreSessions;
import dev.toehold.session.SessionEvents;
import dev.toehold.stack.ConnectionHandler;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.StateFileDescriptor;

/** The sessions of an lcore as its poll loop drives them. */
public record LcoreClients(LcoreSessions sessions) implements Applications {
    /** The sessions of an lcore whose stack this is; none yet. */
    public static LcoreClients of(LcoreStack stack, SessionEvents events) {
        return new LcoreClients(new LcoreSessions(
                new StackCommands(stack),
                events,
                stack.addresses()::find,
                stack.firstTcbIndex(),
                stack.maxConnections(),
                stack.firstListenerIndex(),
                StateFileDescriptor.LISTENERS_PER_LCORE));
    }

    @Override
    public ConnectionHandler handler() {
        return sessions.handler();
    }

    @Override
    public int pollSubmissions(long nowNs) {
        return sessions.pollSubmissions(nowNs);
    }

    @Override
    public void publish(long nowNs) {
        int _ = sessions.publish(nowNs);
    }

    @Override
    public void wakeClients() {
        sessions.wakeClients();
    }

    @Override
    public boolean armWakeups() {
        return sessions.armWakeups() && !sessions.isEnding();
    }

    @Override
    public void disarmWakeups() {
        sessions.disarmWakeups();
    }

    @Override
    public long nextDeadlineNs() {
        return sessions.nextDeadlineNs();
    }

    @Override
    public boolean onMemoryFault() {
        return sessions.onMemoryFault();
    }
}
