package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the kernel says of a connection (TCP_INFO), as far as another stack can go on with it.
 *
 * @param state of the connection, numbered as in {@link State}
 * @param hasTimestamps whether both sides use the timestamps option (RFC 7323)
 * @param hasSack whether selective acknowledgements are permitted (RFC 2018)
 * @param hasWindowScale whether both sides scale their windows
 * @param hasEcn whether ECN was negotiated (RFC 3168)
 * @param sndWscale shift of windows that the peer advertises
 * @param rcvWscale shift of windows that this side advertises
 * @param rtoUs retransmission timeout; means nothing while {@code rttUs} is 0
 * @param sndMssBytes payload of a full segment sent
 * @param pathMtuBytes as known now
 * @param rttUs smoothed round-trip time, 0 if none was measured
 * @param rttvarUs its variation
 * @param ssthreshSegments slow-start threshold, 2^31 - 1 if none was found yet
 * @param cwndSegments congestion window
 */
public record TcpInfo(
        int state,
        boolean hasTimestamps,
        boolean hasSack,
        boolean hasWindowScale,
        boolean hasEcn,
        int sndWscale,
        int rcvWscale,
        int rtoUs,
        int sndMssBytes,
        int pathMtuBytes,
        int rttUs,
        int rttvarUs,
        int ssthreshSegments,
        int cwndSegments) {
    /** States as the kernel numbers them (include/net/tcp_states.h). */
    public static final class State {
        public static final int ESTABLISHED = 1;
        public static final int SYN_SENT = 2;
        public static final int SYN_RECV = 3;
        public static final int FIN_WAIT1 = 4;
        public static final int FIN_WAIT2 = 5;
        public static final int TIME_WAIT = 6;
        public static final int CLOSE = 7;
        public static final int CLOSE_WAIT = 8;
        public static final int LAST_ACK = 9;
        public static final int LISTEN = 10;
        public static final int CLOSING = 11;

        private State() {}
    }

    static TcpInfo of(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(TcpInfoDescriptor.LAYOUT);
            int length = SocketOptions.get(fd, TcpH.IPPROTO_TCP, TcpH.TCP_INFO, info);
            if (length < TcpInfoDescriptor.SIZE) {
                throw new IllegalStateException(
                        "getsockopt(TCP_INFO) gave length=" + length + ": the kernel is too old");
            }
            int options = info.get(JAVA_BYTE, TcpInfoDescriptor.OPTIONS_OFFSET);
            int scales = info.get(JAVA_BYTE, TcpInfoDescriptor.WSCALES_OFFSET);
            return new TcpInfo(
                    info.get(JAVA_BYTE, TcpInfoDescriptor.STATE_OFFSET),
                    (options & TcpH.TCPI_OPT_TIMESTAMPS) != 0,
                    (options & TcpH.TCPI_OPT_SACK) != 0,
                    (options & TcpH.TCPI_OPT_WSCALE) != 0,
                    (options & TcpH.TCPI_OPT_ECN) != 0,
                    scales & 0xF,
                    scales >>> 4 & 0xF,
                    info.get(JAVA_INT, TcpInfoDescriptor.RTO_OFFSET),
                    info.get(JAVA_INT, TcpInfoDescriptor.SND_MSS_OFFSET),
                    info.get(JAVA_INT, TcpInfoDescriptor.PMTU_OFFSET),
                    info.get(JAVA_INT, TcpInfoDescriptor.RTT_OFFSET),
                    info.get(JAVA_INT, TcpInfoDescriptor.RTTVAR_OFFSET),
                    info.get(JAVA_INT, TcpInfoDescriptor.SND_SSTHRESH_OFFSET),
                    info.get(JAVA_INT, TcpInfoDescriptor.SND_CWND_OFFSET));
        }
    }
}
