package dev.toehold.tcp;

/**
 * ACKs that answer suspicious segments (RFC 5961), limited per connection and second: a limit shared by connections would tell
 * an attacker about the others.
 */
final class ChallengeAcks {
    private static final long NS_PER_SECOND = 1_000_000_000;

    private final Context context;
    private final Output output;

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
        if (tcb.challengeCount() >= context.config.challengeAcksPerSecond()) {
            context.counters.increment(TcpCounters.CHALLENGE_ACKS_LIMITED);
            return;
        }
        tcb.challengeCount(tcb.challengeCount() + 1);
        context.counters.increment(TcpCounters.CHALLENGE_ACKS_SENT);
        output.sendAck(tcb, nowNs);
    }
}
