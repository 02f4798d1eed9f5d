package dev.toehold.session;

import dev.toehold.placement.BufferGroup;
import dev.toehold.placement.Region;
import java.util.Collection;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The control thread's way to the sessions of one lcore: each method is a command that the lcore runs between two bursts. The
 * callbacks come on the lcore's thread.
 */
public final class LcoreSessionsProxy {
    private final LcoreSessions sessions;
    private final Executor lcore;
    private final int lcoreIndex;

    /** @param lcore runs a command on the lcore's thread soon, in order, and wakes the lcore for it */
    public LcoreSessionsProxy(int lcoreIndex, LcoreSessions sessions, Executor lcore) {
        this.lcoreIndex = lcoreIndex;
        this.sessions = sessions;
        this.lcore = lcore;
    }

    public int lcoreIndex() {
        return lcoreIndex;
    }

    /** What the lcore holds of a session; to be attached. */
    public LcoreSession newLcoreSession(Session session, EngineQueuePair queuePair, Collection<Region> regions) {
        return sessions.newLcoreSession(session, queuePair, regions);
    }

    public void attach(LcoreSession session) {
        lcore.execute(() -> sessions.attach(session));
    }

    /**
     * A region that the session registered.
     *
     * @param onAdded runs once submissions may name the region
     */
    public void addRegion(LcoreSession session, Region region, Runnable onAdded) {
        lcore.execute(() -> {
            sessions.addRegion(session, region);
            onAdded.run();
        });
    }

    public void removeRegion(LcoreSession session, int region, Runnable onIdle) {
        lcore.execute(() -> sessions.removeRegion(session, region, onIdle));
    }

    /**
     * A buffer group that the session declared.
     *
     * @param onAdded runs once buffers of the group may be lent
     */
    public void addGroup(LcoreSession session, BufferGroup group, Runnable onAdded) {
        lcore.execute(() -> {
            sessions.addGroup(session, group, System.nanoTime());
            onAdded.run();
        });
    }

    public void end(LcoreSession session, Runnable onQuiescent) {
        lcore.execute(() -> sessions.end(session, onQuiescent));
    }

    /** A client takes up a connection or listener of an earlier engine. */
    public void resume(LcoreSession session, ResumeRequest request, Consumer<ResumeResult> onResult) {
        lcore.execute(() -> onResult.accept(sessions.resume(session, request, System.nanoTime())));
    }

    /**
     * A client has named all that it knows of an earlier engine, or is gone.
     *
     * @param isBack false = it is gone: nothing is offered again
     */
    public void finishResume(int sessionId, boolean isBack, Runnable onDone) {
        lcore.execute(() -> {
            sessions.finishResume(sessionId, isBack, System.nanoTime());
            onDone.run();
        });
    }

    /**
     * FLUSH of a connection.
     *
     * @param onResult gets OK or a negative {@link dev.toehold.abi.ResultCode}
     */
    public void flush(int connectionIndex, IntConsumer onResult) {
        lcore.execute(() -> onResult.accept(sessions.flush(connectionIndex, System.nanoTime())));
    }

    /** Like {@link #flush}. */
    public void abort(int connectionIndex, IntConsumer onResult) {
        lcore.execute(() -> onResult.accept(sessions.abort(connectionIndex, System.nanoTime())));
    }

    /** RECEIVEs outstanding. Read at once and aside, from whatever thread: good for people, for no decision. */
    public int postedReceives(int connectionIndex) {
        return sessions.postedReceives(connectionIndex);
    }

    /** Like {@link #postedReceives}. Empty for what is no client's connection (yet). */
    public String characteristic(int connectionIndex, long quietNs) {
        return sessions.characteristic(connectionIndex, quietNs);
    }

    /** Why it is what {@link #characteristic} says. */
    public String characteristicReason(int connectionIndex, long quietNs) {
        return sessions.characteristicReason(connectionIndex, quietNs);
    }

    /** Like {@link #postedReceives}. Bytes in provided buffers that the application was given and has not consumed. */
    public long unconsumedBytes(int connectionIndex) {
        return sessions.unconsumedBytes(connectionIndex);
    }
}
