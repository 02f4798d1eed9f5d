package dev.toehold.perf.hostile;

/**
 * Kinds of what a hostile client does.
 *
 * <p>The first check is that of form: a submission is of a known op, zero where zero is asked for, and names what the session has; a message is
 * one of the contract and its descriptors are as many as it needs; a descriptor is that of a memfd; a counter has not gone
 * backwards. Behind it come the checks that must hold by themselves.
 */
enum Attack {
    VERB("submissions, in order", true, 240),
    FIELD("submissions, one field extreme", true, 240),
    HANDLE("submissions, handles stale, foreign, random", false, 40),
    WORDS("submissions of random words", false, 30),
    RACE("submissions changed while they are taken", true, 40),
    BUFFER("buffers lent in order", true, 60),
    BUFFER_ID("buffers lent twice, out of range", true, 30),
    COUNTER("ring counters off", false, 3),
    SCRIBBLE("random words over the queue pair", false, 2),
    DOORBELL("doorbells rung for nothing, drained, full", true, 25),
    DOORBELL_FLOOD("doorbells rung thousands of times", true, 1),
    WAKE("wake sockets filled, shut down, closed", true, 8),
    REQUEST("requests in order", true, 40),
    REQUEST_FIELD("requests, one field extreme", true, 30),
    FRAME("messages cut, random, of unknown types", false, 25),
    UNREAD("answers asked for and never read", true, 2),
    TOKEN("HELLO with others' tokens, versions, capabilities", true, 2),
    SESSION("sessions and sockets to the limit", true, 1),
    DESCRIPTOR("descriptors of the wrong kind", false, 15),
    FLOOD("floods of descriptors, cut control data", false, 1),
    REGION("regions registered and removed while in use", true, 12),
    TRUNCATE("memory truncated before, while, after it is registered", true, 4),
    HOLES("holes punched into memory in use", true, 6),
    HUGETLB("huge pages without trust", true, 2);

    private final String text;
    private final boolean passesFirstCheck;
    private final int weight;

    Attack(String text, boolean passesFirstCheck, int weight) {
        this.text = text;
        this.passesFirstCheck = passesFirstCheck;
        this.weight = weight;
    }

    /** In the order of declaration, from 0: what a line of counts and a submission's userData tell it by. */
    @SuppressWarnings("EnumOrdinal") // both ends are of one build
    int index() {
        return ordinal();
    }

    /** The kind of that {@link #index}. */
    @SuppressWarnings("EnumOrdinal") // likewise
    static Attack of(int index) {
        return values()[index];
    }

    String text() {
        return text;
    }

    /** Whether it is meant to come past the check of form. */
    boolean passesFirstCheck() {
        return passesFirstCheck;
    }

    /** How often it is chosen, in relation to the others. */
    int weight() {
        return weight;
    }
}
