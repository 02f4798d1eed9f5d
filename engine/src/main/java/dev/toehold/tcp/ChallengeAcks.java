package dev.toehold.tcp;

/**
 * ACKs that answer suspicious segments, limited by second for each connection and for all of a core (RFC 5961 section 7). A limit that is shared
 * tells an attacker about other connections if it is known, so how much of it holds is drawn anew each second.
 */
final class ChallengeAcks {
    private static final long NS_PER_SECOND = 1_000_000_000;

    private final Context context;
    private final Output output;
    private int totalSecond;
    private int totalLeft;

    ChallengeAcks(Context context, Output output) {
        this.context = context;
        this.output = output;
    }

    /** At once: it carries committed positions only. */
    void send(Tcb tcb, long nowNs) {
        int second = (int) (nowNs / NS_PER_SECOND) & 0xFFFF;
        if (second != tcb.challengeSecond()) {
            tcb.challengeSecond(second);
            tcb.challengeCount(0);
        }
        if (second != totalSecond) {
            totalSecond = second;
            int half = context.config.totalChallengeAcksPerSecond() / 2;
            totalLeft = half + (int) Long.remainderUnsigned(context.effects.random(), half + 1);
        }
        if (totalLeft == 0 || tcb.challengeCount() >= context.config.challengeAcksPerSecond()) {
            context.counters.increment(TcpCounters.CHALLENGE_ACKS_LIMITED);
            return;
        }
        totalLeft--;
        tcb.challengeCount(tcb.challengeCount() + 1);
        context.counters.increment(TcpCounters.CHALLENGE_ACKS_SENT);
        output.sendAck(tcb, nowNs);
    }
}
