package dev.toehold.tcp;

/**
 * The record of one connection: 512 bytes, little-endian, eight cache lines of which the first four are what a segment
 * touches. It lies in the state file that the next engine maps again, so a change here is a new version of that file.
 *
 * <pre>
 *   byte field               size
 *
 * +------- line 0: identity --------------------------------------------------------+
 * |   0 *state                4   TcpState; the last store of a publish
 * |   4  flags                4   TcbFlags
 * |   8  generation           4   24 bits, bumped before an index is used again
 * |  12  index                4   of this record
 * |  16  localHigh            8   local address, network order; IPv4 in its mapped form
 * |  24  localLow             8
 * |  32  remoteHigh           8   remote address, likewise
 * |  40  remoteLow            8
 * |  48  localPort            2
 * |  50  remotePort           2
 * |  52  family               1   4 or 6
 * |  53  lcore                1   the owner
 * |  54  portIndex            2   port by which the peer is reached
 * |  56  sessionId            4   0 = no client
 * |  60  listenerIndex        4   -1 = opened actively
 * +------- line 1: send sequence variables -----------------------------------------+
 * |  64  iss                  4   initial send sequence number
 * |  68  irs                  4   initial receive sequence number
 * |  72 *sndUna               8   oldest unacknowledged position; -1 = our SYN
 * |  80  sndNxt               8   next position to send
 * |  88 *sndMax               8   highest position ever sent; stored before the transmission
 * |  96  submitted            8   end of the data that the application gave
 * | 104  sndWnd               4   send window in bytes, scaled
 * | 108  maxSndWnd            4   largest send window seen (RFC 9293 section 3.8.6.2.1)
 * | 112  sndWl1               4   SEG.SEQ of the last window update
 * | 116  sndWl2               4   SEG.ACK of the last window update
 * | 120  cwnd                 4   congestion window in bytes
 * | 124  ssthresh             4   slow start threshold in bytes
 * +------- line 2: receive sequence variables --------------------------------------+
 * | 128  rcvNxt               8   working: end of the contiguous bytes placed
 * | 136 *rcvPosition          8   committed: what an ACK may cover
 * | 144 *rcvEdge              8   right window edge as promised to the peer
 * | 152  rcvGrant             8   right edge that the host has granted
 * | 160  lastAckSent          8   rcvPosition of the last segment sent (Last.ACK.sent)
 * | 168  tsRecent             4   TS.Recent (RFC 7323)
 * | 172  lastTsVal            4   last TSval sent
 * | 176  dupAcksOwed          2   immediate ACKs owed for segments out of order
 * | 178  peerMss              2   MSS option of the peer, or the default
 * | 180  ourMss               2   MSS option that we sent
 * | 182  sndMss               2   largest segment to send, options included
 * | 184  rcvMss               2   largest payload seen of the peer
 * | 186  pmtu                 2   path MTU, 0 = the port's
 * | 188  sndWscale            1   shift of the windows that the peer sends
 * | 189  rcvWscale            1   shift of the windows that we send
 * | 190  dupAcks              1   consecutive duplicate ACKs, saturating
 * | 191  trafficClass         1   of the IP header, without the two bits of ECN
 * +------- line 3: timers and round trips ------------------------------------------+
 * | 192  rexmtDeadline        8   retransmission or persist, ns; Long.MAX_VALUE = off
 * | 200  delayedAckDeadline   8
 * | 208  keepaliveDeadline    8
 * | 216  timeWaitDeadline     8   2 MSL, or the end of lingering
 * | 224  srttUs               4   SRTT (RFC 6298), 0 = no sample yet
 * | 228  rttvarUs             4   RTTVAR
 * | 232  rtoUs                4   RTO without backoff
 * | 236  minRttUs             4   least round trip of the last minutes, 0 = none
 * | 240  rangesIndex          4   slot in ReassemblyRanges, -1 = none
 * | 244  scoreboardIndex      4   slot in the Scoreboard, -1 = none
 * | 248  backoff              1   consecutive retransmission timeouts
 * | 249  persistBackoff       1   consecutive window probes
 * | 250  recovery             1   RecoveryPhase
 * | 251  keepaliveProbes      1   unanswered keepalive probes
 * | 252 *tsOffset             4   TSval = nowNs in ms + tsOffset
 * +------- line 4: positions that change seldom ------------------------------------+
 * | 256 *finSent              8   position of our FIN, -1 = not sent
 * | 264  finPending           8   position of a FIN that arrived, -1 = none
 * | 272 *finReceived          8   position of the peer's FIN once committed, -1 = none
 * | 280  recover              8   sndMax when recovery began (RFC 6582, 6675)
 * | 288  rttPosition          4   an ACK that reaches it ends the round trip being timed
 * | 292  minRttNextUs         4   least round trip of the window of minRttUs that began last
 * | 296  rttStartNs           8   when it was sent
 * | 304  corkDeadline         8   when text that MORE holds back goes all the same, ns; Long.MAX_VALUE = off
 * | 312  lastReceiveNs        8   when the last acceptable segment came
 * +------- line 5: who and where; loss detection -----------------------------------+
 * | 320  userData             8   of the client: the listener's or the CONNECT's
 * | 328  createdSeconds       4   when the connection was opened
 * | 332  lastSendMs           4   when the last segment left
 * | 336  roundEnd             4   HyStart++ windowEnd (RFC 9406)
 * | 340  rackFack             4   highest position SACKed or acknowledged (RACK.fack)
 * | 344  rackXmitNs           8   RACK.xmit_ts (RFC 8985)
 * | 352  rackEnd              4   RACK.end_seq
 * | 356  undoWEst             4   CUBIC W_est before the last reduction
 * | 360  tlpEnd               4   TLP.end_seq, if tlpFlags says that a probe is in flight
 * | 364  minRttSeconds        4   when the window of minRttNextUs began
 * | 368  epochStartMs         4   start of the CUBIC epoch, 0 = none
 * | 372  rackDsackRound       4   RACK.dsack_round as a sequence number
 * | 376  undoCwnd             4   cwnd before the last reduction
 * | 380  undoSsthresh         4   ssthresh before the last reduction
 * +------- line 6: congestion control ----------------------------------------------+
 * | 384  wMax                 4   CUBIC W_max in bytes
 * | 388  wEst                 4   CUBIC W_est in bytes
 * | 392  undoRetransmitted    4   bytes sent again since the last reduction and not reported as duplicates
 * | 396  kMs                  4   CUBIC K
 * | 400  ackedBytes           4   bytes acknowledged and not yet turned into cwnd
 * | 404  prrDelivered         4   PRR (RFC 6937)
 * | 408  prrOut               4   PRR
 * | 412  recoverFs            4   PRR RecoverFS
 * | 416  hystartLastRttUs     4   lastRoundMinRTT; behind the first slow start undoWMax: CUBIC W_max before the last reduction
 * | 420  hystartRttUs         4   currentRoundMinRTT; behind it undoKMs
 * | 424  hystartBaselineUs    4   cssBaselineMinRtt; behind it undoEpochStartMs
 * | 428  hystartSamples       1   rttSampleCount of the round, saturating
 * | 429  hystartRounds        1   rounds spent in CSS
 * | 430  rackReoMultiplier    1   RACK.reo_wnd_mult
 * | 431  rackReoPersist       1   RACK.reo_wnd_persist
 * | 432  rackRttUs            4   RACK.rtt
 * | 436  userTimeoutMs        4   RFC 5482, 0 = the configured limit
 * | 440  rexmtStartMs         4   when what is unacknowledged was sent first, 0 = nothing is
 * | 444  tsRecentAgeSeconds   4   when tsRecent was updated
 * +------- line 7: statistics and links --------------------------------------------+
 * | 448  segmentsIn           8
 * | 456  segmentsOut          8
 * | 464  bytesPlaced          8   out of order included
 * | 472  bytesRetransmitted   8
 * | 480  retransmits          4   segments
 * | 484  timeouts             2   retransmission timeouts, saturating
 * | 486  dsacksIn             2   ACKs that reported a duplicate (RFC 2883), saturating
 * | 488  outOfOrderIn         4   segments
 * | 492  rcvStep              2   least move of rcvEdge (RFC 9293 section 3.8.6.2.2), 0 = half of what is left
 * | 494  challengeCount       1   challenge ACKs in challengeSecond
 * | 495  tlpFlags             1   phases of TLP, F-RTO, NewReno and Nagle
 * | 496  ecnRecover           4   low 32 bits of sndMax at the last reduction by ECN (RFC 3168)
 * | 500  challengeSecond      2   low 16 bits
 * | 502  pmtuMinute           2   when pmtu was lowered, low 16 bits
 * | 504  receiveQueueIndex    4   host: posted RECEIVEs and bindings, -1 = none
 * | 508  sendQueueIndex       4   host: submitted SENDs, -1 = none
 * +----------------------------------------------------------------------------------+ 512
 * </pre>
 *
 * Positions of 4 bytes are the low half of one that is near sndUna. A star marks what {@link TcbStore} commits: these are written with release order, everything else plainly by the lcore that owns
 * the connection. Positions are 64-bit counts of bytes from 0 after the SYN, which itself stands at -1; a FIN stands behind the
 * last byte. The sequence number of a position is {@code iss + 1 + position}.
 */
public final class TcbLayout {
    public static final int LENGTH = 512;

    /** Cache lines 0 to 3: what the fast path touches. */
    public static final int HOT_LENGTH = 256;

    public static final int STATE = 0;
    public static final int FLAGS = STATE + Integer.BYTES;
    public static final int GENERATION = FLAGS + Integer.BYTES;
    public static final int INDEX = GENERATION + Integer.BYTES;
    public static final int LOCAL_HIGH = INDEX + Integer.BYTES;
    public static final int LOCAL_LOW = LOCAL_HIGH + Long.BYTES;
    public static final int REMOTE_HIGH = LOCAL_LOW + Long.BYTES;
    public static final int REMOTE_LOW = REMOTE_HIGH + Long.BYTES;
    public static final int LOCAL_PORT = REMOTE_LOW + Long.BYTES;
    public static final int REMOTE_PORT = LOCAL_PORT + Short.BYTES;
    public static final int FAMILY = REMOTE_PORT + Short.BYTES;
    public static final int LCORE = FAMILY + Byte.BYTES;
    public static final int PORT_INDEX = LCORE + Byte.BYTES;
    public static final int SESSION_ID = PORT_INDEX + Short.BYTES;
    public static final int LISTENER_INDEX = SESSION_ID + Integer.BYTES;

    public static final int ISS = LISTENER_INDEX + Integer.BYTES;
    public static final int IRS = ISS + Integer.BYTES;
    public static final int SND_UNA = IRS + Integer.BYTES;
    public static final int SND_NXT = SND_UNA + Long.BYTES;
    public static final int SND_MAX = SND_NXT + Long.BYTES;
    public static final int SUBMITTED = SND_MAX + Long.BYTES;
    public static final int SND_WND = SUBMITTED + Long.BYTES;
    public static final int MAX_SND_WND = SND_WND + Integer.BYTES;
    public static final int SND_WL1 = MAX_SND_WND + Integer.BYTES;
    public static final int SND_WL2 = SND_WL1 + Integer.BYTES;
    public static final int CWND = SND_WL2 + Integer.BYTES;
    public static final int SSTHRESH = CWND + Integer.BYTES;

    public static final int RCV_NXT = SSTHRESH + Integer.BYTES;
    public static final int RCV_POSITION = RCV_NXT + Long.BYTES;
    public static final int RCV_EDGE = RCV_POSITION + Long.BYTES;
    public static final int RCV_GRANT = RCV_EDGE + Long.BYTES;
    public static final int LAST_ACK_SENT = RCV_GRANT + Long.BYTES;
    public static final int TS_RECENT = LAST_ACK_SENT + Long.BYTES;
    public static final int LAST_TS_VAL = TS_RECENT + Integer.BYTES;
    public static final int DUP_ACKS_OWED = LAST_TS_VAL + Integer.BYTES;
    public static final int PEER_MSS = DUP_ACKS_OWED + Short.BYTES;
    public static final int OUR_MSS = PEER_MSS + Short.BYTES;
    public static final int SND_MSS = OUR_MSS + Short.BYTES;
    public static final int RCV_MSS = SND_MSS + Short.BYTES;
    public static final int PMTU = RCV_MSS + Short.BYTES;
    public static final int SND_WSCALE = PMTU + Short.BYTES;
    public static final int RCV_WSCALE = SND_WSCALE + Byte.BYTES;
    public static final int DUP_ACKS = RCV_WSCALE + Byte.BYTES;

    public static final int TRAFFIC_CLASS = DUP_ACKS + Byte.BYTES;
    public static final int REXMT_DEADLINE = TRAFFIC_CLASS + Byte.BYTES;
    public static final int DELAYED_ACK_DEADLINE = REXMT_DEADLINE + Long.BYTES;
    public static final int KEEPALIVE_DEADLINE = DELAYED_ACK_DEADLINE + Long.BYTES;
    public static final int TIME_WAIT_DEADLINE = KEEPALIVE_DEADLINE + Long.BYTES;
    public static final int SRTT_US = TIME_WAIT_DEADLINE + Long.BYTES;
    public static final int RTTVAR_US = SRTT_US + Integer.BYTES;
    public static final int RTO_US = RTTVAR_US + Integer.BYTES;
    public static final int MIN_RTT_US = RTO_US + Integer.BYTES;
    public static final int RANGES_INDEX = MIN_RTT_US + Integer.BYTES;
    public static final int SCOREBOARD_INDEX = RANGES_INDEX + Integer.BYTES;
    public static final int BACKOFF = SCOREBOARD_INDEX + Integer.BYTES;
    public static final int PERSIST_BACKOFF = BACKOFF + Byte.BYTES;
    public static final int RECOVERY = PERSIST_BACKOFF + Byte.BYTES;
    public static final int KEEPALIVE_PROBES = RECOVERY + Byte.BYTES;
    public static final int TS_OFFSET = KEEPALIVE_PROBES + Byte.BYTES;

    public static final int FIN_SENT = TS_OFFSET + Integer.BYTES;
    public static final int FIN_PENDING = FIN_SENT + Long.BYTES;
    public static final int FIN_RECEIVED = FIN_PENDING + Long.BYTES;
    public static final int RECOVER = FIN_RECEIVED + Long.BYTES;
    public static final int RTT_POSITION = RECOVER + Long.BYTES;
    public static final int MIN_RTT_NEXT_US = RTT_POSITION + Integer.BYTES;
    public static final int RTT_START_NS = MIN_RTT_NEXT_US + Integer.BYTES;
    public static final int CORK_DEADLINE = RTT_START_NS + Long.BYTES;
    public static final int LAST_RECEIVE_NS = CORK_DEADLINE + Long.BYTES;

    public static final int USER_DATA = LAST_RECEIVE_NS + Long.BYTES;
    public static final int CREATED_SECONDS = USER_DATA + Long.BYTES;
    public static final int LAST_SEND_MS = CREATED_SECONDS + Integer.BYTES;
    public static final int ROUND_END = LAST_SEND_MS + Integer.BYTES;
    public static final int RACK_FACK = ROUND_END + Integer.BYTES;
    public static final int RACK_XMIT_NS = RACK_FACK + Integer.BYTES;
    public static final int RACK_END = RACK_XMIT_NS + Long.BYTES;
    public static final int UNDO_W_EST = RACK_END + Integer.BYTES;
    public static final int TLP_END = UNDO_W_EST + Integer.BYTES;
    public static final int MIN_RTT_SECONDS = TLP_END + Integer.BYTES;
    public static final int EPOCH_START_MS = MIN_RTT_SECONDS + Integer.BYTES;
    public static final int RACK_DSACK_ROUND = EPOCH_START_MS + Integer.BYTES;
    public static final int UNDO_CWND = RACK_DSACK_ROUND + Integer.BYTES;
    public static final int UNDO_SSTHRESH = UNDO_CWND + Integer.BYTES;

    public static final int W_MAX = UNDO_SSTHRESH + Integer.BYTES;
    public static final int W_EST = W_MAX + Integer.BYTES;
    public static final int UNDO_RETRANSMITTED = W_EST + Integer.BYTES;
    public static final int K_MS = UNDO_RETRANSMITTED + Integer.BYTES;
    public static final int ACKED_BYTES = K_MS + Integer.BYTES;
    public static final int PRR_DELIVERED = ACKED_BYTES + Integer.BYTES;
    public static final int PRR_OUT = PRR_DELIVERED + Integer.BYTES;
    public static final int RECOVER_FS = PRR_OUT + Integer.BYTES;
    public static final int HYSTART_LAST_RTT_US = RECOVER_FS + Integer.BYTES;
    public static final int HYSTART_RTT_US = HYSTART_LAST_RTT_US + Integer.BYTES;
    public static final int HYSTART_BASELINE_US = HYSTART_RTT_US + Integer.BYTES;
    public static final int HYSTART_SAMPLES = HYSTART_BASELINE_US + Integer.BYTES;
    public static final int HYSTART_ROUNDS = HYSTART_SAMPLES + Byte.BYTES;
    public static final int RACK_REO_MULTIPLIER = HYSTART_ROUNDS + Byte.BYTES;
    public static final int RACK_REO_PERSIST = RACK_REO_MULTIPLIER + Byte.BYTES;
    public static final int RACK_RTT_US = RACK_REO_PERSIST + Byte.BYTES;
    public static final int USER_TIMEOUT_MS = RACK_RTT_US + Integer.BYTES;
    public static final int REXMT_START_MS = USER_TIMEOUT_MS + Integer.BYTES;
    public static final int TS_RECENT_AGE_SECONDS = REXMT_START_MS + Integer.BYTES;

    public static final int SEGMENTS_IN = TS_RECENT_AGE_SECONDS + Integer.BYTES;
    public static final int SEGMENTS_OUT = SEGMENTS_IN + Long.BYTES;
    public static final int BYTES_PLACED = SEGMENTS_OUT + Long.BYTES;
    public static final int BYTES_RETRANSMITTED = BYTES_PLACED + Long.BYTES;
    public static final int RETRANSMITS = BYTES_RETRANSMITTED + Long.BYTES;
    public static final int TIMEOUTS = RETRANSMITS + Integer.BYTES;
    public static final int DSACKS_IN = TIMEOUTS + Short.BYTES;
    public static final int OUT_OF_ORDER_IN = DSACKS_IN + Short.BYTES;
    public static final int RCV_STEP = OUT_OF_ORDER_IN + Integer.BYTES;
    public static final int CHALLENGE_COUNT = RCV_STEP + Short.BYTES;
    public static final int TLP_FLAGS = CHALLENGE_COUNT + Byte.BYTES;
    public static final int ECN_RECOVER = TLP_FLAGS + Byte.BYTES;
    public static final int CHALLENGE_SECOND = ECN_RECOVER + Integer.BYTES;
    public static final int PMTU_MINUTE = CHALLENGE_SECOND + Short.BYTES;
    public static final int RECEIVE_QUEUE_INDEX = PMTU_MINUTE + Short.BYTES;
    public static final int SEND_QUEUE_INDEX = RECEIVE_QUEUE_INDEX + Integer.BYTES;

    /** Where HyStart++ has nothing to remember any more. */
    public static final int UNDO_W_MAX = HYSTART_LAST_RTT_US;

    public static final int UNDO_K_MS = HYSTART_RTT_US;
    public static final int UNDO_EPOCH_START_MS = HYSTART_BASELINE_US;

    private TcbLayout() {}
}
