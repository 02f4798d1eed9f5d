package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/** The first part of {@code struct tcp_info} of {@code netinet/tcp.h}, which kernels prolong at its end. */
final class TcpInfoDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_BYTE.withName("tcpi_state"),
                    JAVA_BYTE.withName("tcpi_ca_state"),
                    JAVA_BYTE.withName("tcpi_retransmits"),
                    JAVA_BYTE.withName("tcpi_probes"),
                    JAVA_BYTE.withName("tcpi_backoff"),
                    JAVA_BYTE.withName("tcpi_options"),
                    paddingLayout(2), // bit fields: both window scales, then two flags
                    INT.withName("tcpi_rto"),
                    INT.withName("tcpi_ato"),
                    INT.withName("tcpi_snd_mss"),
                    INT.withName("tcpi_rcv_mss"),
                    INT.withName("tcpi_unacked"),
                    INT.withName("tcpi_sacked"),
                    INT.withName("tcpi_lost"),
                    INT.withName("tcpi_retrans"),
                    INT.withName("tcpi_fackets"),
                    INT.withName("tcpi_last_data_sent"),
                    INT.withName("tcpi_last_ack_sent"),
                    INT.withName("tcpi_last_data_recv"),
                    INT.withName("tcpi_last_ack_recv"),
                    INT.withName("tcpi_pmtu"),
                    INT.withName("tcpi_rcv_ssthresh"),
                    INT.withName("tcpi_rtt"),
                    INT.withName("tcpi_rttvar"),
                    INT.withName("tcpi_snd_ssthresh"),
                    INT.withName("tcpi_snd_cwnd"),
                    INT.withName("tcpi_advmss"))
            .withName("struct tcp_info");

    static final long STATE_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_state"));
    static final long OPTIONS_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_options"));

    /** The low half is what the peer asked for (snd), the high half our own (rcv). */
    static final long WSCALES_OFFSET = OPTIONS_OFFSET + 1;

    static final long RTO_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_rto"));
    static final long SND_MSS_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_snd_mss"));
    static final long PMTU_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_pmtu"));
    static final long RTT_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_rtt"));
    static final long RTTVAR_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_rttvar"));
    static final long SND_SSTHRESH_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_snd_ssthresh"));
    static final long SND_CWND_OFFSET = LAYOUT.byteOffset(groupElement("tcpi_snd_cwnd"));
    static final long SIZE = LAYOUT.byteSize();

    private TcpInfoDescriptor() {}
}
