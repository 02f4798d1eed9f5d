package dev.toehold.stack;

import dev.toehold.tcp.TcbLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Layout of the state file: what one engine leaves to the next. Little-endian, mapped as a whole, sparse: records that were never
 * used take no storage.
 *
 * <pre>
 *  offset field               size
 *       0 magic                 8   "TOEHOLDS"
 *       8 layoutVersion         4
 *      12 tcbLength             4   512
 *      16 maxConnections        4
 *      20 lcoreCount            4   lcore k owns TCBs [k * max / count, (k + 1) * max / count)
 *      24 listenersPerLcore     4   lcore k owns listener records [k * this, (k + 1) * this)
 *      28 maxClaims             4
 *      32 listenersOffset       8
 *      40 claimsOffset          8
 *      48 tcbsOffset            8
 *      56 length                8   of the file
 *      64 epoch                 8   grows with every engine that takes the file over
 *      72 bootId               16   of the kernel: CLOCK_MONOTONIC means nothing after another boot
 *      88 pid                   4   of the engine that wrote it
 *      92 ready                 4   1, stored last
 *      96 isnKey               16   RFC 6528
 *     112 cookieKey            16   SYN cookies
 *     128 hashKey              16   flow table and dispatch
 *     144 nextSessionId         4   ids are not used twice while anything of a session may be left
 *     148 spread                4   entries of the redirection table that chooses lcores; 0 = the keyed hash does
 *     256 highWater        256 * 4   per lcore: TCBs of its range ever used, counted from its first
 *    4096 sessions, listeners, claims, then TCBs, each section on a page
 *
 *  listener, 64 bytes                        address claim, 64 bytes
 *       0 state        4  0 = free, last          0 state          4  0 = free, last
 *       4 generation   4                          4 prefixLength   4  of the address's own family
 *       8 sessionId    4                          8 addressHigh    8
 *      12 backlog      4                         16 addressLow     8
 *      16 addressHigh  8                         24 interface     16  name, zero-padded; empty = no Linux interface
 *      24 addressLow   8                         40 zero          24
 *      32 userData     8
 *      40 port         4
 *
 *  session, 64 bytes
 *       0 state        4  0 = free, last
 *       4 sessionId    4
 *       8 uid          4  of the client; another user's may not take it up
 *      12 zero         4
 *      16 tokenHigh    8  the secret that takes it up
 *      24 tokenLow     8
 *      32 zero        32
 * </pre>
 *
 * A claim in state {@link #CLAIM_TAKEN} names an address that the engine took from a Linux interface and owes back to it.
 */
public final class StateFileDescriptor {
    /** "TOEHOLDS" as little-endian bytes. */
    public static final long MAGIC = 0x53444c4f48454f54L;

    /** Changes with this layout and with {@link TcbLayout}. */
    public static final int LAYOUT_VERSION = 5;

    public static final int MAX_LCORES = 256;
    public static final int LISTENERS_PER_LCORE = 1024;
    public static final int MAX_CLAIMS = LocalAddresses.MAX_ADDRESSES;

    public static final int MAGIC_OFFSET = 0;
    public static final int LAYOUT_VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    public static final int TCB_LENGTH_OFFSET = LAYOUT_VERSION_OFFSET + Integer.BYTES;
    public static final int MAX_CONNECTIONS_OFFSET = TCB_LENGTH_OFFSET + Integer.BYTES;
    public static final int LCORE_COUNT_OFFSET = MAX_CONNECTIONS_OFFSET + Integer.BYTES;
    public static final int LISTENERS_PER_LCORE_OFFSET = LCORE_COUNT_OFFSET + Integer.BYTES;
    public static final int MAX_CLAIMS_OFFSET = LISTENERS_PER_LCORE_OFFSET + Integer.BYTES;
    public static final int LISTENERS_OFFSET_OFFSET = MAX_CLAIMS_OFFSET + Integer.BYTES;
    public static final int CLAIMS_OFFSET_OFFSET = LISTENERS_OFFSET_OFFSET + Long.BYTES;
    public static final int TCBS_OFFSET_OFFSET = CLAIMS_OFFSET_OFFSET + Long.BYTES;
    public static final int LENGTH_OFFSET = TCBS_OFFSET_OFFSET + Long.BYTES;
    public static final int EPOCH_OFFSET = LENGTH_OFFSET + Long.BYTES;
    public static final int BOOT_ID_OFFSET = EPOCH_OFFSET + Long.BYTES;
    public static final int PID_OFFSET = BOOT_ID_OFFSET + 2 * Long.BYTES;
    public static final int READY_OFFSET = PID_OFFSET + Integer.BYTES;
    public static final int ISN_KEY_OFFSET = READY_OFFSET + Integer.BYTES;
    public static final int COOKIE_KEY_OFFSET = ISN_KEY_OFFSET + 2 * Long.BYTES;
    public static final int HASH_KEY_OFFSET = COOKIE_KEY_OFFSET + 2 * Long.BYTES;
    public static final int NEXT_SESSION_ID_OFFSET = HASH_KEY_OFFSET + 2 * Long.BYTES;
    public static final int SPREAD_OFFSET = NEXT_SESSION_ID_OFFSET + Integer.BYTES;
    public static final int HIGH_WATER_OFFSET = 256;
    public static final int HEADER_LENGTH = 4096;

    public static final int SESSION_STATE_OFFSET = 0;
    public static final int SESSION_ID_OFFSET = SESSION_STATE_OFFSET + Integer.BYTES;
    public static final int SESSION_UID_OFFSET = SESSION_ID_OFFSET + Integer.BYTES;
    public static final int SESSION_TOKEN_HIGH_OFFSET = SESSION_UID_OFFSET + 2 * Integer.BYTES;
    public static final int SESSION_TOKEN_LOW_OFFSET = SESSION_TOKEN_HIGH_OFFSET + Long.BYTES;
    public static final int SESSION_LENGTH = 64;
    public static final int SESSION_FREE = 0;
    public static final int SESSION_OPEN = 1;

    /** Sessions that outlive an engine. */
    public static final int MAX_SESSIONS = 1024;

    public static final int LISTENER_STATE_OFFSET = 0;
    public static final int LISTENER_GENERATION_OFFSET = LISTENER_STATE_OFFSET + Integer.BYTES;
    public static final int LISTENER_SESSION_OFFSET = LISTENER_GENERATION_OFFSET + Integer.BYTES;
    public static final int LISTENER_BACKLOG_OFFSET = LISTENER_SESSION_OFFSET + Integer.BYTES;
    public static final int LISTENER_HIGH_OFFSET = LISTENER_BACKLOG_OFFSET + Integer.BYTES;
    public static final int LISTENER_LOW_OFFSET = LISTENER_HIGH_OFFSET + Long.BYTES;
    public static final int LISTENER_USER_DATA_OFFSET = LISTENER_LOW_OFFSET + Long.BYTES;
    public static final int LISTENER_PORT_OFFSET = LISTENER_USER_DATA_OFFSET + Long.BYTES;
    public static final int LISTENER_LENGTH = 64;
    public static final int LISTENER_FREE = 0;
    public static final int LISTENER_OPEN = 1;

    public static final int CLAIM_STATE_OFFSET = 0;
    public static final int CLAIM_PREFIX_LENGTH_OFFSET = CLAIM_STATE_OFFSET + Integer.BYTES;
    public static final int CLAIM_HIGH_OFFSET = CLAIM_PREFIX_LENGTH_OFFSET + Integer.BYTES;
    public static final int CLAIM_LOW_OFFSET = CLAIM_HIGH_OFFSET + Long.BYTES;
    public static final int CLAIM_INTERFACE_OFFSET = CLAIM_LOW_OFFSET + Long.BYTES;
    public static final int CLAIM_INTERFACE_LENGTH = 16;
    public static final int CLAIM_LENGTH = 64;
    public static final int CLAIM_FREE = 0;
    public static final int CLAIM_OWN = 1;
    public static final int CLAIM_TAKEN = 2;

    /** u64 at (segment, byte offset), 8-aligned, with every access mode. */
    static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** u32 at (segment, byte offset), 4-aligned. */
    static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** Halves of keys, from {@link #ISN_KEY_OFFSET} on. */
    static final int SECRETS = 6;

    private static final long PAGE = 4096;

    private StateFileDescriptor() {}

    static long secretOffset(int index) {
        return ISN_KEY_OFFSET + index * (long) Long.BYTES;
    }

    static long sessionsOffset() {
        return HEADER_LENGTH;
    }

    static long listenersOffset() {
        return pageRounded(sessionsOffset() + (long) MAX_SESSIONS * SESSION_LENGTH);
    }

    static long claimsOffset(int lcoreCount) {
        return pageRounded(listenersOffset() + (long) lcoreCount * LISTENERS_PER_LCORE * LISTENER_LENGTH);
    }

    static long tcbsOffset(int lcoreCount) {
        return pageRounded(claimsOffset(lcoreCount) + (long) MAX_CLAIMS * CLAIM_LENGTH);
    }

    static long length(int maxConnections, int lcoreCount) {
        return pageRounded(tcbsOffset(lcoreCount) + (long) maxConnections * TcbLayout.LENGTH);
    }

    /** First TCB of an lcore's range. */
    public static int firstTcb(int maxConnections, int lcoreCount, int lcore) {
        return (int) ((long) lcore * maxConnections / lcoreCount);
    }

    private static long pageRounded(long offset) {
        return (offset + PAGE - 1) / PAGE * PAGE;
    }
}
