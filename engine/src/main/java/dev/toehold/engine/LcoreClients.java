package dev.toehold.engine;

import dev.toehold.placement.Copier;
import dev.toehold.placement.CopyChannel;
import dev.toehold.placement.CpuCopier;
import dev.toehold.placement.EngineCopier;
import dev.toehold.placement.PayloadFrames;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.session.LcoreSessions;
import dev.toehold.session.SessionEvents;
import dev.toehold.stack.ConnectionHandler;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.StateFileDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** The sessions of an lcore as its poll loop drives them. */
public record LcoreClients(LcoreSessions sessions) implements Applications {
    /** The sessions of an lcore whose stack this is; none yet. The CPU places what they receive. */
    public static LcoreClients of(LcoreStack stack, SessionEvents events) {
        return of(stack, events, CpuCopier::new);
    }

    /**
     * Likewise; a copy engine places what it may.
     *
     * @param leastLength bytes from which on it is used
     */
    public static LcoreClients of(LcoreStack stack, SessionEvents events, CopyChannel copyEngine, int leastLength) {
        PayloadFrames frames = new PayloadFrames() {
            @Override
            public long retain(MemorySegment memory) {
                return stack.retainFrame(memory);
            }

            @Override
            public void release(long frame) {
                stack.releaseFrame(frame);
            }
        };
        return of(stack, events, counters -> new EngineCopier(copyEngine, frames, leastLength, counters));
    }

    private static LcoreClients of(
            LcoreStack stack, SessionEvents events, Function<PlacementCounters, Copier> newCopier) {
        return new LcoreClients(new LcoreSessions(
                new StackCommands(stack),
                events,
                stack.addresses()::find,
                stack.firstTcbIndex(),
                stack.maxConnections(),
                stack.firstListenerIndex(),
                StateFileDescriptor.LISTENERS_PER_LCORE,
                newCopier));
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
    public void onPacketWake() {
        sessions.wakeEarly();
    }

    @Override
    public boolean armWakeups() {
        return sessions.armWakeups() && !sessions.isEnding();
    }

    @Override
    public void onRing(int sessionId) {
        sessions.onRing(sessionId);
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
    public void close() {
        sessions.close();
    }

    @Override
    public boolean onMemoryFault() {
        return sessions.onMemoryFault();
    }
}
