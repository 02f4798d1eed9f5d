package dev.toehold.tcp;

import dev.toehold.net.TcpOptions;

/**
 * The user timeout option (RFC 5482): each side says for how long it keeps text that is not acknowledged, and takes the longer of both within bounds,
 * unless its application has said what it wants.
 *
 * <pre>
 *   USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT))
 * </pre>
 */
final class UserTimeout {
    /** Least R2 for text (RFC 9293 SHLD-11). */
    private static final long L_LIMIT_MS = 100_000;

    /** A peer must not bind a record for longer. */
    private static final long U_LIMIT_MS = 3_600_000;

    private static final long NS_PER_MS = 1_000_000;
    private static final int MAX_TIME = 0x7FFF;
    private static final int MINUTES = 0x8000;

    private final Context context;

    UserTimeout(Context context) {
        this.context = context;
    }

    /** The first segment without SYN carries the option again: what is in a SYN may get lost on the way (section 3.3). */
    void onEstablished(Tcb tcb) {
        tcb.set(TcbFlags.USER_TIMEOUT_OWED, context.config.userTimeoutOption());
    }

    /** The application's wish: it is told to the peer, and no word of the peer's changes it. */
    void set(Tcb tcb, int timeoutMs) {
        tcb.userTimeoutMs(timeoutMs);
        tcb.set(TcbFlags.USER_TIMEOUT_SET, timeoutMs != 0);
        if (TcpState.isSynchronized(tcb.state())) {
            onEstablished(tcb);
        }
    }

    /** REMOTE_UTO; zero is no time (section 3.1). */
    void onSegment(Tcb tcb, Segment segment) {
        if (!segment.options.has(TcpOptions.HAS_USER_TIMEOUT)
                || !context.config.userTimeoutOption()
                || tcb.has(TcbFlags.USER_TIMEOUT_SET)
                || segment.options.userTimeoutSeconds() == 0) {
            return;
        }
        long remoteMs = segment.options.userTimeoutSeconds() * 1_000L;
        long ownMs = context.config.retransmitTimeoutNs() / NS_PER_MS;
        tcb.userTimeoutMs((int) Math.min(U_LIMIT_MS, Math.max(L_LIMIT_MS, Math.max(ownMs, remoteMs))));
    }

    /** ADV_UTO as the option has it: seconds as far as 15 bits go, else minutes. */
    int option(Tcb tcb) {
        long ms = tcb.has(TcbFlags.USER_TIMEOUT_SET)
                ? tcb.userTimeoutMs()
                : context.config.retransmitTimeoutNs() / NS_PER_MS;
        long seconds = Math.max(1, ms / 1_000);
        return (int) (seconds <= MAX_TIME ? seconds : MINUTES | Math.min(seconds / 60, MAX_TIME));
    }
}
