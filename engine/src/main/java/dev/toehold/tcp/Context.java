package dev.toehold.tcp;

/** What the mechanisms of one core share: configuration, the host, counters, pools, and the segment being built. */
final class Context {
    final TcpConfig config;
    final TcbStore store;
    final TcpEffects effects;
    final TcpCounters counters;
    final ReassemblyRanges ranges;
    final Scoreboard scoreboard;
    final CongestionControl congestion;
    final TxSegment tx = new TxSegment();

    Context(TcpConfig config, TcbStore store, TcpEffects effects, TcpCounters counters) {
        this.config = config;
        this.store = store;
        this.effects = effects;
        this.counters = counters;
        ranges = new ReassemblyRanges(config.reassemblySlots());
        scoreboard = new Scoreboard(config.scoreboardSlots());
        congestion = switch (config.congestionControl()) {
            case CUBIC -> new Cubic();
            case RENO -> new Reno();
        };
    }

    /** The one way from state to state; a transition that the table does not allow is a bug of ours, not of a peer. */
    void transition(Tcb tcb, int to) {
        int from = tcb.state();
        if (!TcpState.isAllowed(from, to)) {
            throw new IllegalStateException("transition from=" + TcpState.name(from) + " to=" + TcpState.name(to)
                    + " is not in the table, index=" + tcb.index());
        }
        store.commitState(tcb, to);
    }
}
