package dev.toehold.tcp;

import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import dev.toehold.net.TcpOptionsWriter;
import java.lang.foreign.MemorySegment;

/** A segment that the core wants sent. One per core, valid during {@link TcpEffects#transmit}. */
public final class TxSegment {
    public int seq;
    public int ack;
    public int flags;

    /** The field as it goes out, already scaled. */
    public int window;

    /** MSS option, 0 = none. */
    public int mss;

    /** Window scale option, -1 = none. */
    public int windowScale;

    public boolean sackPermitted;
    public boolean timestamps;
    public int tsVal;
    public int tsEcr;
    public int sackCount;

    /** User timeout option as the wire has it, -1 = none. */
    public int userTimeout;

    /** Left and right edge of each block in turn. */
    public final int[] sackEdges = new int[2 * TcpOptions.MAX_SACK_BLOCKS];

    /** Position of the first payload byte in what the application submitted. */
    public long payloadPosition;

    public int payloadLength;

    /** ECN bits for the IP header. */
    public int ecn;

    /** The other bits of that byte: what the application asked for. */
    public int trafficClass;

    public boolean has(int controlBits) {
        return (flags & controlBits) != 0;
    }

    /** Bytes of the options with their padding, a multiple of four and at most 40. */
    public int optionsLength() {
        int length = userTimeout >= 0 ? 4 : 0;
        if (mss != 0) {
            length += 4;
        }
        if (windowScale >= 0) {
            length += 4;
        }
        if (timestamps) {
            length += 12;
            if (sackPermitted) {
                return length;
            }
        } else if (sackPermitted) {
            length += 4;
        }
        return sackCount == 0 ? length : length + 4 + 8 * sackCount;
    }

    /** Writes {@link #optionsLength()} bytes of options and returns the offset behind them. */
    public long writeOptions(MemorySegment memory, long offset) {
        long at = offset;
        if (mss != 0) {
            at = TcpOptionsWriter.mss(memory, at, mss);
        }
        if (windowScale >= 0) {
            at = TcpOptionsWriter.windowScale(memory, at, windowScale);
        }
        if (userTimeout >= 0) {
            at = TcpOptionsWriter.userTimeout(memory, at, userTimeout);
        }
        if (sackPermitted) {
            at = TcpOptionsWriter.sackPermitted(memory, at);
            if (timestamps) {
                at = TcpOptionsWriter.timestamps(memory, at, tsVal, tsEcr);
            }
        } else if (timestamps) {
            at = TcpOptionsWriter.alignedTimestamps(memory, at, tsVal, tsEcr);
        }
        at = TcpOptionsWriter.pad(memory, offset, at);
        if (sackCount > 0) {
            at = TcpOptionsWriter.sack(memory, at, sackEdges, sackCount);
        }
        return at;
    }

    void clear() {
        seq = 0;
        ack = 0;
        flags = Tcp.ACK;
        window = 0;
        mss = 0;
        windowScale = -1;
        userTimeout = -1;
        sackPermitted = false;
        timestamps = false;
        tsVal = 0;
        tsEcr = 0;
        sackCount = 0;
        payloadPosition = 0;
        payloadLength = 0;
        ecn = 0;
        trafficClass = 0;
    }
}
