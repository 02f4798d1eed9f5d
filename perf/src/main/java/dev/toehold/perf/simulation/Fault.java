package dev.toehold.perf.simulation;

/** What the simulator does to packets, memory and timing. Each kind is counted wherever it strikes. */
public enum Fault {
    /** A packet arrives later than the path's delay says. */
    JITTER,
    LOSS,
    /** A packet of a series of losses. */
    BURST_LOSS,
    /** Overtaken by later packets. */
    REORDERING,
    DUPLICATION,
    /** Bits of a 16-bit word are flipped, or the end of the frame is cut off. */
    CORRUPTION,
    /** The rate is limited and the queue in front of it is full. */
    QUEUE_OVERFLOW,
    /** The path's MTU is another one from now on. */
    MTU_CHANGE,
    /** Too long for the path; ICMP says so. */
    TOO_BIG,
    /** Too long for the path; nobody says so. */
    BLACK_HOLE,
    /** The link is down for a while. */
    OUTAGE,
    /** A segment as of 2^32 bytes ago: its sequence number fits, its bytes do not, its timestamp is old. */
    OLD_DUPLICATE,
    /** The port does not take a frame now. */
    PORT_FULL,
    /** The engine finds no mbuf. */
    NO_MBUF,
    /** A copy engine does not make a copy. */
    COPY_FAILED;

    /** As it is printed. */
    String word() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
