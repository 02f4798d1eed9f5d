package dev.toehold.tcp;

/**
 * Whether the last reduction was for nothing: it was if the peer reports each byte that was sent again since as a duplicate (RFC 2883 section 5,
 * RFC 3708). Reports may come after the recovery has ended.
 */
final class ReductionUndo {
    private ReductionUndo() {}

    /** cwnd is reduced; what is in flight from sndUna to sndMax may be sent again. */
    static void begin(Tcb tcb) {
        tcb.undoRetransmitted(0);
    }

    static void onRetransmit(Tcb tcb, int bytes) {
        if (tcb.recovery() != RecoveryPhase.OPEN) {
            tcb.undoRetransmitted((int) Math.min((long) tcb.undoRetransmitted() + bytes, Integer.MAX_VALUE / 2));
        }
    }

    /** A duplicate of [start, end) was reported; true = it was the last one that the reduction lacked. */
    static boolean onDuplicate(Tcb tcb, long start, long end) {
        int open = tcb.undoRetransmitted();
        boolean isOfReduction = end <= tcb.recover() && start >= tcb.recover() - tcb.recoverFs();
        if (open == 0 || !isOfReduction) {
            return false;
        }
        int left = (int) Math.max(0, open - (end - start));
        tcb.undoRetransmitted(left);
        return left == 0;
    }
}
