package dev.toehold.engine;

import dev.toehold.session.LcoreSessions;
import dev.toehold.stack.ConnectionHandler;

/** The sessions of an lcore as its poll loop drives them. */
record LcoreClients(LcoreSessions sessions) implements Applications {
    @Override
    public ConnectionHandler handler() {
        return sessions;
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
