package dev.toehold.tcp;

/**
 * Where TCBs live, and the only way in which the fields that a restarted engine relies on are written. Each method is one commit: it
 * stores with release order, so that a reader of the state file after a crash sees it only together with everything stored before.
 *
 * <table>
 * <caption>What each commit orders</caption>
 * <tr><th>commit</th><th>comes after</th><th>comes before</th></tr>
 * <tr><td>publish</td><td>all other fields</td><td>the first segment</td></tr>
 * <tr><td>free</td><td>the last use</td><td>the generation is bumped, then the index is used again</td></tr>
 * <tr><td>rcvPosition</td><td>placement, published completions</td><td>the segment that acknowledges it</td></tr>
 * <tr><td>rcvEdge</td><td>the grant; it never retracts</td><td>the segment that advertises it</td></tr>
 * <tr><td>sndMax</td><td></td><td>the transmission</td></tr>
 * <tr><td>sndUna</td><td></td><td>the SEND completion</td></tr>
 * <tr><td>finSent</td><td></td><td>the transmission</td></tr>
 * <tr><td>finReceived</td><td>rcvPosition, the end-of-stream completion</td><td>the segment that acknowledges the FIN</td></tr>
 * <tr><td>state</td><td>the positions that led to it</td><td></td></tr>
 * <tr><td>ending (flags SHUTDOWN and CLOSED)</td><td>submitted, whose end the FIN stands behind</td><td>the state</td></tr>
 * <tr><td>timestamp offset</td><td></td><td>the first TSval made with it</td></tr>
 * </table>
 */
public interface TcbStore {
    /** Makes a filled record a connection; {@code state} is stored last. */
    void publish(Tcb tcb, int state);

    /** The record is nobody's: FREE is stored first, the generation is bumped before the index is handed out again. */
    void free(Tcb tcb);

    void commitState(Tcb tcb, int state);

    /** What an ACK may cover from now on; {@code position} is never below the one committed. */
    void commitRcvPosition(Tcb tcb, long position);

    /** The right window edge that will be advertised; {@code position} is never below the one committed. */
    void commitRcvEdge(Tcb tcb, long position);

    void commitSndMax(Tcb tcb, long position);

    void commitSndUna(Tcb tcb, long position);

    void commitFinSent(Tcb tcb, long position);

    void commitFinReceived(Tcb tcb, long position);

    /** What the application did to its end of the stream: {@code flags} with SHUTDOWN and CLOSED as they now are. */
    void commitEnding(Tcb tcb, int flags);

    void commitTimestampOffset(Tcb tcb, int offset);
}
