package dev.toehold.tcp;

/**
 * The states of RFC 9293 section 3.3.2 and the table of transitions between them (figure 5, with what sections 3.10.4 to 3.10.8
 * allow besides). FREE is not a state of a connection but of its record. LISTEN has no TCB: a listener is the host's, and a SYN
 * for one begins a connection in SYN_RECEIVED.
 */
public final class TcpState {
    public static final int FREE = 0;
    public static final int CLOSED = 1;
    public static final int SYN_SENT = 2;
    public static final int SYN_RECEIVED = 3;
    public static final int ESTABLISHED = 4;
    public static final int FIN_WAIT_1 = 5;
    public static final int FIN_WAIT_2 = 6;
    public static final int CLOSE_WAIT = 7;
    public static final int CLOSING = 8;
    public static final int LAST_ACK = 9;
    public static final int TIME_WAIT = 10;
    public static final int COUNT = 11;

    private static final String[] NAMES = {
        "FREE",
        "CLOSED",
        "SYN-SENT",
        "SYN-RECEIVED",
        "ESTABLISHED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "CLOSE-WAIT",
        "CLOSING",
        "LAST-ACK",
        "TIME-WAIT"
    };

    /** Bit {@code to} of entry {@code from}: the transition is allowed. Everything may end in CLOSED. */
    private static final int[] ALLOWED = {
        bits(SYN_SENT, SYN_RECEIVED, ESTABLISHED),
        bits(FREE),
        bits(SYN_RECEIVED, ESTABLISHED, CLOSED),
        bits(ESTABLISHED, FIN_WAIT_1, CLOSED),
        bits(FIN_WAIT_1, CLOSE_WAIT, CLOSED),
        bits(FIN_WAIT_2, CLOSING, TIME_WAIT, CLOSED),
        bits(TIME_WAIT, CLOSED),
        bits(LAST_ACK, CLOSED),
        bits(TIME_WAIT, CLOSED),
        bits(CLOSED),
        bits(CLOSED),
    };

    private TcpState() {}

    public static boolean isAllowed(int from, int to) {
        return (ALLOWED[from] & 1 << to) != 0;
    }

    public static String name(int state) {
        return state >= 0 && state < COUNT ? NAMES[state] : "state=" + state;
    }

    /** Both sides agree that the connection exists (RFC 5961's "synchronized"). */
    public static boolean isSynchronized(int state) {
        return state >= ESTABLISHED;
    }

    /** The peer may still send bytes that we take. */
    static boolean mayReceive(int state) {
        return state == ESTABLISHED || state == FIN_WAIT_1 || state == FIN_WAIT_2;
    }

    /** Bytes or a FIN of ours may still have to go out. */
    public static boolean mayTransmit(int state) {
        return state == ESTABLISHED
                || state == CLOSE_WAIT
                || state == FIN_WAIT_1
                || state == CLOSING
                || state == LAST_ACK;
    }

    private static int bits(int... states) {
        int mask = 0;
        for (int state : states) {
            mask |= 1 << state;
        }
        return mask;
    }
}
