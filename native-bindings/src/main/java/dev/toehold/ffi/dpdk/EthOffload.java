package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** Offload bits of {@link EthDevInfo} and {@link EthDev#configure}, with DPDK's names for them. */
public final class EthOffload {
    public static final long RX_IPV4_CKSUM;
    public static final long RX_UDP_CKSUM;
    public static final long RX_TCP_CKSUM;
    public static final long RX_SCATTER;
    public static final long RX_RSS_HASH;
    public static final long TX_IPV4_CKSUM;
    public static final long TX_UDP_CKSUM;
    public static final long TX_TCP_CKSUM;
    public static final long TX_TCP_TSO;
    public static final long TX_MULTI_SEGS;
    public static final long TX_MBUF_FAST_FREE;

    private static final MethodHandle RX_NAME =
            Dpdk.load().function("ethdev", "rte_eth_dev_rx_offload_name", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle TX_NAME =
            Dpdk.load().function("ethdev", "rte_eth_dev_tx_offload_name", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));

    static {
        final DpdkLayout layout = Dpdk.load().layout();
        RX_IPV4_CKSUM = layout.constant("RTE_ETH_RX_OFFLOAD_IPV4_CKSUM");
        RX_UDP_CKSUM = layout.constant("RTE_ETH_RX_OFFLOAD_UDP_CKSUM");
        RX_TCP_CKSUM = layout.constant("RTE_ETH_RX_OFFLOAD_TCP_CKSUM");
        RX_SCATTER = layout.constant("RTE_ETH_RX_OFFLOAD_SCATTER");
        RX_RSS_HASH = layout.constant("RTE_ETH_RX_OFFLOAD_RSS_HASH");
        TX_IPV4_CKSUM = layout.constant("RTE_ETH_TX_OFFLOAD_IPV4_CKSUM");
        TX_UDP_CKSUM = layout.constant("RTE_ETH_TX_OFFLOAD_UDP_CKSUM");
        TX_TCP_CKSUM = layout.constant("RTE_ETH_TX_OFFLOAD_TCP_CKSUM");
        TX_TCP_TSO = layout.constant("RTE_ETH_TX_OFFLOAD_TCP_TSO");
        TX_MULTI_SEGS = layout.constant("RTE_ETH_TX_OFFLOAD_MULTI_SEGS");
        TX_MBUF_FAST_FREE = layout.constant("RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE");
    }

    private EthOffload() {}

    /** DPDK's names of the receive offloads in {@code bits}, lowest bit first. */
    public static List<String> rxNames(final long bits) {
        return names(RX_NAME, bits);
    }

    /** DPDK's names of the transmit offloads in {@code bits}, lowest bit first. */
    public static List<String> txNames(final long bits) {
        return names(TX_NAME, bits);
    }

    private static List<String> names(final MethodHandle function, final long bits) {
        final List<String> names = new ArrayList<>();
        try {
            for (long rest = bits; rest != 0; rest &= rest - 1) {
                names.add(Memory.getString((long) function.invokeExact(Long.lowestOneBit(rest)), 64));
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        return List.copyOf(names);
    }
}
