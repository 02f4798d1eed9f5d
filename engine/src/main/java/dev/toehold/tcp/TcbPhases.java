package dev.toehold.tcp;

/** What the management calls the phases that a record is in. */
public final class TcbPhases {
    private TcbPhases() {}

    /** {@code open}, {@code recovery} (RFC 6675, 6582) or {@code loss} (after a retransmission timeout). */
    public static String recovery(Tcb tcb) {
        return switch (tcb.recovery()) {
            case RecoveryPhase.RECOVERY -> "recovery";
            case RecoveryPhase.LOSS -> "loss";
            default -> "open";
        };
    }

    /** {@code slow-start}, {@code conservative-slow-start} (RFC 9406), {@code congestion-avoidance}, or the recovery's. */
    public static String congestion(Tcb tcb) {
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            return "recovery";
        }
        if (!SlowStart.isActive(tcb)) {
            return "congestion-avoidance";
        }
        return SlowStart.inConservative(tcb) ? "conservative-slow-start" : "slow-start";
    }

    /** What rexmtDeadline stands for: {@code retransmission}, {@code persist}, {@code reordering} or {@code probe} (RFC 8985). */
    public static String retransmissionTimer(Tcb tcb) {
        if (tcb.has(TcbFlags.PERSISTING)) {
            return "persist";
        }
        if (tcb.has(TcbFlags.REORDERING_TIMER)) {
            return "reordering";
        }
        return tcb.has(TcbFlags.PROBE_TIMER) ? "probe" : "retransmission";
    }
}
