package dev.toehold.abi;

/**
 * Messages on the control socket: AF_UNIX, SOCK_SEQPACKET, one message a packet, at most {@link #MAX_LENGTH} bytes,
 * descriptors by SCM_RIGHTS. A message of a wrong length or with descriptors that it should not have is answered by a
 * REPLY with INVALID, and the descriptors are closed.
 *
 * <pre>
 *   0  type u16 | flags u16 | length u32 (of the whole message)
 *   8  correlation u64       chosen by the sender of a request, repeated in its answer
 *  16  body
 * </pre>
 *
 * A string is u16 length followed by so many bytes of UTF-8; 255 at most unless said otherwise. Every request is
 * answered, in order, by its own answer message or by {@link #REPLY}; correlation 0 is the engine's, for what it says
 * unasked.
 *
 * <p>{@link ControlBody} has a record for each message, {@link ControlEncoder} and {@link ControlDecoder} are the codec.
 */
public final class ControlMessage {
    public static final int MAX_LENGTH = 64 * 1024;

    /** Most bytes of a string. */
    public static final int MAX_STRING_LENGTH = 255;

    /** Most bytes of a REPLY's text. */
    public static final int MAX_TEXT_LENGTH = 4096;

    /** Most addresses of a WELCOME. */
    public static final int MAX_ADDRESSES = 1024;

    /** Most ports of a WELCOME. */
    public static final int MAX_PORTS = 64;

    public static final int TYPE_OFFSET = 0;
    public static final int FLAGS_OFFSET = 2;
    public static final int LENGTH_OFFSET = 4;
    public static final int CORRELATION_OFFSET = 8;
    public static final int BODY_OFFSET = 16;

    /** Flag: this answer continues in the next message with the same correlation. */
    public static final int FLAG_MORE = 1;

    /**
     * Client, first message. Body: abiMajor u16, abiMinor u16, defaultReceiveCredit u32 (bytes, 0 = explicit mode),
     * requiredCapabilities u64 (see {@link Capability}), token u64 u64 (both 0 = a new session; else resume that one),
     * name string (what `toehold clients` shows; no control characters).
     */
    public static final int HELLO = 1;

    /**
     * Engine, answer to HELLO. Body: abiMajor u16, abiMinor u16, sessionId u32, lcoreCount u32, addressCount u32, epoch
     * u64, token u64 u64, capabilities u64, maxRegionBytes u64, maxConnections u32, mtu u32, maxRegions u32, maxGroups
     * u32; then addressCount times {high u64, low u64}: the engine's local addresses (IPv4 as ::ffff:a.b.c.d); then
     * engine name string; then what the engine works with: copy engine string (empty: the CPU copies), congestion controllers string
     * (names with commas between, first the one that new connections get), portCount u32, and portCount times {device
     * string, driver string, capabilities u64, mtu u32, rxQueues u16, txQueues u16}. A later minor version may append more:
     * a client ignores what it does not know. Descriptor: the client's end of a pair of AF_UNIX
     * stream sockets; it becomes readable when the engine wakes the client, which then reads it empty.
     */
    public static final int WELCOME = 2;

    /**
     * Engine: outcome of a request. Body: result s32 (see {@link ResultCode}), zero u32, text string (cause, remedy; at most
     * {@link #MAX_TEXT_LENGTH} bytes). With correlation 0 it is the reason why the engine ends the session, sent right
     * before it hangs up.
     */
    public static final int REPLY = 3;

    /**
     * Client lends memory. Body: region u32 (id chosen by the client), zero u32, length u64. Descriptor: a tmpfs memfd
     * of at least that length, sealed with F_SEAL_SHRINK, fully allocated. Answer: REPLY.
     */
    public static final int REGISTER = 4;

    /** Client. Body: region u32, zero u32. Answered by REPLY when nothing in the engine refers to it any more. */
    public static final int UNREGISTER = 5;

    /**
     * Client declares a group of provided buffers. Body: group u32, region u32, base u64, bufferSize u32 (64 .. 1 MiB,
     * multiple of 64), count u32 (1 .. 65,536). Answer: REPLY. Groups stay as long as the session.
     */
    public static final int GROUP = 6;

    /** Client asks for the queue pair of an lcore. Body: lcore u32, zero u32. Answer: QUEUE_PAIR_READY. */
    public static final int QUEUE_PAIR = 7;

    /**
     * Engine. Body: lcore u32, zero u32, length u64. Descriptors: the queue pair's memfd, an eventfd
     * (doorbell) that wakes the lcore and is this session's alone; the engine never reads it.
     */
    public static final int QUEUE_PAIR_READY = 8;

    /** Reserved: pass an established kernel connection to the engine. */
    public static final int OFFLOAD = 9;

    /** Reserved: pass a connection back to the kernel. */
    public static final int HAND_BACK = 10;

    /**
     * Client asks for the state of a connection of its session. Body: handle u64. Answer: ADMIN_REPLY with one JSON object of plain values
     * (no nesting), the item of `toehold connections ID --format json`; a reader ignores names that it does not know.
     */
    public static final int TCPINFO = 11;

    /**
     * Client takes up a connection of an earlier epoch. Body: handle u64, deliveredPosition u64, consumedPosition u64,
     * submittedPosition u64. Answer: RESUMED, or REPLY with STALE when that connection cannot be resumed, with RESET when the
     * positions cannot be (and the connection is reset). Positions of a listener are 0, and its credit is granted anew. Handle 0
     * comes last: what was not named is unknown to the client; connections that a listener of its own had ready are offered again
     * by ACCEPT, all else is reset. After the answer the client submits [sndUna, submittedPosition) again, byte for byte, and what
     * else had not completed.
     */
    public static final int RESUME = 12;

    /**
     * Engine. Body: handle u64 (as before), rcvPosition u64 (end of the bytes that completions named or that lie in posted
     * RECEIVEs), sndUna u64 (end of what the peer has; one more if it has the end of the stream).
     */
    public static final int RESUMED = 13;

    /**
     * Management: body is a request in UTF-8, e.g. `connections`, filling the message. May be sent without HELLO. Answer:
     * ADMIN_REPLY messages, or REPLY with the reason.
     */
    public static final int ADMIN = 14;

    /** Engine: a part of the answer in UTF-8 (JSON), filling the message; {@link #FLAG_MORE} until the last. */
    public static final int ADMIN_REPLY = 15;

    private ControlMessage() {}
}
