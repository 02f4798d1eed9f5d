package dev.toehold.abi;

/**
 * Operation codes: what a submission asks for and what a completion answers. Codes from {@link #ACCEPT} on occur in
 * completions only.
 *
 * <p>Every submission is answered by exactly one completion, with these exceptions: CONSUMED is answered only when it
 * is refused; SENDs are answered in position order and one completion covers all SENDs of the connection up to
 * {@code position + length}; LISTEN is answered once when it stands (flag MORE) and once when it has ended.
 */
public final class Op {
    /** Does nothing; completes with 0. Fields other than userData are zero. */
    public static final int NOP = 1;

    /**
     * Bytes [position, position + length) of the stream go to (region, offset). position {@link Abi#NEXT_POSITION}
     * means behind everything already placed or bound. Positions of one handle neither overlap nor go back; at most
     * {@link Abi#MAX_POSTED_RECEIVES} are outstanding (else LIMIT). If the range begins before what is already bound,
     * the RECEIVE starts at that bound and its completion says so in position; a range that lies wholly before it
     * completes at once with length 0.
     *
     * <p>Completes when full; or with at least minLength bytes when the burst that brought them ended with PSH or
     * nothing is pending behind them; or at FLUSH; or at FIN (flag EOF); or when the connection dies (result negative,
     * length valid). minLength 0 means exact fill. minLength counts from the submitted position, so bytes of the range
     * that lie elsewhere count too; a RECEIVE that is satisfied when it is taken completes at once with length 0.
     *
     * <p>Position p of the range lies at offset + (p - submitted position), whatever the completion's position is. What a
     * short completion leaves of its range is claimed by no RECEIVE any more and goes to provided buffers: without
     * those (explicit mode), post nothing behind a RECEIVE that may complete short.
     *
     * <p>The end of the stream completes every posted RECEIVE, in order, with EOF (length 0 for those that hold
     * nothing), and each that is posted later at once; if none is posted, a {@link #PROVIDED} tells it. Where both directions
     * have ended the engine may have forgotten the handle (see {@link #CLOSE}): then a later RECEIVE answers STALE, behind
     * the completion that told the end.
     */
    public static final int RECEIVE = 2;

    /**
     * The application has taken arg bytes more of provided buffers of this connection. Opens the window, and tells how fast the
     * application is: the window follows what is consumed in a round trip. May be put off, but the window may be as small as
     * {@link Abi#LEAST_WINDOW}: an application that has taken everything says so before it owes half of that.
     */
    public static final int CONSUMED = 3;

    /**
     * Sends (region, offset, length) as bytes [position, position + length); position must be the end of the previous
     * SEND or {@link Abi#NEXT_POSITION}. The memory is the engine's until the completion. Flags: {@link
     * SubmissionFlag#MORE} holds back a last partial segment, {@link SubmissionFlag#LINKED} joins it to the next SEND,
     * {@link SubmissionFlag#EARLY} asks for a further completion at first transmission.
     *
     * <p>result = length once the peer has acknowledged it all; negative with more = bytes acknowledged if the
     * connection died. A completion that covers several SENDs is that of the last one: its userData, position and length.
     */
    public static final int SEND = 4;

    /**
     * Transmits what Nagle or MORE holds back; completes each posted RECEIVE of the connection with its contiguous
     * prefix, 0 included, in order; then completes itself. STALE if the connection had ended and was forgotten when it was taken:
     * everything of it has completed before.
     */
    public static final int FLUSH = 5;

    /**
     * Accepts connections on local address (position = bits 127..64, offset = bits 63..0; all zero = every address of
     * both families) and TCP port arg. length = backlog (SYN-RECEIVED connections), minLength = credit: how many
     * connections may be accepted before more is granted by {@link Option#ACCEPT_CREDIT}.
     *
     * <p>First completion: op LISTEN, handle = the listener's, flag MORE. Then one {@link #ACCEPT} per connection. CLOSE
     * of the handle ends it.
     */
    public static final int LISTEN = 6;

    /**
     * Opens a connection to remote address (position, offset as in LISTEN) and TCP port (arg bits 15..0) from local TCP
     * port (arg bits 31..16; 0 = engine chooses). region = 1 + index of the local address in the WELCOME, 0 = the engine
     * chooses. minLength = time-out in ms, 0 = the engine's default. Completion: handle =
     * the connection's, endpoint fields as in {@link #ACCEPT}.
     */
    public static final int CONNECT = 7;

    /** Ends the sending direction behind everything submitted (FIN). Completes when the FIN is acknowledged. */
    public static final int SHUTDOWN = 8;

    /**
     * Gives the handle back. What was submitted is still sent (up to the linger time); nothing more is delivered. All
     * outstanding submissions of the handle complete first (CLOSED for RECEIVEs), bound buffers return (each named by a
     * PROVIDED without MORE, result CLOSED and length 0 if it brings nothing new); after the
     * completion the engine touches none of the client's memory for this connection except SENDs that are still owed to
     * the peer, which keep their memory until their own completions: the CLOSE completes after those.
     *
     * <p>A connection that has ended by itself may be forgotten before it is closed. Then everything that was outstanding has
     * completed, the engine holds none of the client's memory for it, and CLOSE (or ABORT) answers STALE: nothing is left to give back. Only its
     * {@link #TERMINATED} may come behind that.
     */
    public static final int CLOSE = 9;

    /** Resets the connection at once (RST); everything outstanding completes with RESET, then the ABORT itself. */
    public static final int ABORT = 10;

    /** Sets option length (see {@link Option}) of the handle to arg. */
    public static final int SET_OPTION = 11;

    /**
     * A connection came to a listener. userData = the LISTEN's, handle = the new connection, arg0/arg1 = remote address
     * (high, low), more = remote TCP port | local TCP port &lt;&lt; 16, buffer = index of the local address in the WELCOME.
     * It precedes every other completion of the connection.
     */
    public static final int ACCEPT = 64;

    /**
     * Bytes [position, position + length) lie in provided buffer `buffer` of group `more` at bufferOffset. Flag MORE:
     * the engine goes on filling this buffer; the completion without MORE gives it back to the client; it may have
     * length 0 when it does only that. length 0 without {@link CompletionFlag#BUFFER} and with EOF is the end of the
     * stream. position is always the end of what was delivered before on this connection.
     */
    public static final int PROVIDED = 65;

    /**
     * The connection died (result: RESET, TIMED_OUT, UNREACHABLE, ...). Comes once, behind the completions of everything that was
     * outstanding: the engine holds none of the client's memory for it any more. From here on the handle may be STALE.
     */
    public static final int TERMINATED = 66;

    private Op() {}
}
