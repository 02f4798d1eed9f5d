package dev.toehold.tcp;

/** Values of {@link Tcb#recovery()}. */
final class RecoveryPhase {
    static final int OPEN = 0;

    /** Fast recovery: from the loss until {@code recover} is acknowledged. */
    static final int RECOVERY = 1;

    /** After a retransmission timeout, until {@code recover} is acknowledged. */
    static final int LOSS = 2;

    private RecoveryPhase() {}
}
