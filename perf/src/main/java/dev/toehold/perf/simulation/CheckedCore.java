package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.stack.CoreSurroundings;
import dev.toehold.tcp.TcbStore;
import dev.toehold.tcp.TcpEffects;

/** Stands around a host's TCP core: a {@link CheckedStore} in front of its store, {@link CheckedEffects} in front of its effects. */
final class CheckedCore implements CoreSurroundings {
    static final int MAX_CONNECTIONS = 64;

    /** What a client would find without the engine. */
    @FunctionalInterface
    interface Client {
        long findable(long handle);
    }

    private final CommitRecord[] records = new CommitRecord[MAX_CONNECTIONS];
    private final Client client;
    private final boolean mayForget;
    private CheckedEffects effects;

    /** @param mayForget whether the application uses FLUSH, after which what came out of order comes again (RFC 2018 section 8) */
    CheckedCore(Client client, boolean mayForget) {
        this.client = client;
        this.mayForget = mayForget;
    }

    /** What was committed of the connection in this record. */
    CommitRecord record(int index) {
        CommitRecord record = records[index];
        check(record != null, "a connection that was never published", index);
        return record;
    }

    /** Of a record that is not published yet. */
    CommitRecord begin(int index) {
        if (records[index] == null) {
            records[index] = new CommitRecord();
        }
        return records[index];
    }

    /** The record is free. */
    void end(int index) {
        records[index] = null;
    }

    boolean mayForget() {
        return mayForget;
    }

    long findable(long handle) {
        return client.findable(handle);
    }

    void now(long nowNs) {
        effects.now(nowNs);
    }

    @Override
    public TcbStore store(TcbStore own) {
        return new CheckedStore(this, own);
    }

    @Override
    public TcpEffects effects(TcpEffects own) {
        effects = new CheckedEffects(this, own);
        return effects;
    }
}
