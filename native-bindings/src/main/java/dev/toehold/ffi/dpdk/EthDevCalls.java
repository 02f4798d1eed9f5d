package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/** The functions of librte_ethdev and of EAL's device hotplug that {@link EthDev} calls, with C's parameter types. */
final class EthDevCalls {
    static final MethodHandle DEV_PROBE = eal("rte_dev_probe", ADDRESS);
    static final MethodHandle DEV_REMOVE = eal("rte_dev_remove", JAVA_LONG);
    static final MethodHandle GET_PORT_BY_NAME = ethdev("rte_eth_dev_get_port_by_name", ADDRESS, ADDRESS);
    static final MethodHandle INFO_GET = ethdev("rte_eth_dev_info_get", JAVA_SHORT, ADDRESS);
    static final MethodHandle SOCKET_ID = ethdev("rte_eth_dev_socket_id", JAVA_SHORT);
    static final MethodHandle CONFIGURE = ethdev("rte_eth_dev_configure", JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, ADDRESS);
    static final MethodHandle ADJUST_DESCRIPTORS =
            ethdev("rte_eth_dev_adjust_nb_rx_tx_desc", JAVA_SHORT, ADDRESS, ADDRESS);
    static final MethodHandle RX_QUEUE_SETUP =
            ethdev("rte_eth_rx_queue_setup", JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle TX_QUEUE_SETUP =
            ethdev("rte_eth_tx_queue_setup", JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_INT, ADDRESS);
    static final MethodHandle START = ethdev("rte_eth_dev_start", JAVA_SHORT);
    static final MethodHandle STOP = ethdev("rte_eth_dev_stop", JAVA_SHORT);
    static final MethodHandle CLOSE = ethdev("rte_eth_dev_close", JAVA_SHORT);
    static final MethodHandle PROMISCUOUS_ENABLE = ethdev("rte_eth_promiscuous_enable", JAVA_SHORT);
    static final MethodHandle PROMISCUOUS_DISABLE = ethdev("rte_eth_promiscuous_disable", JAVA_SHORT);
    static final MethodHandle ALLMULTICAST_ENABLE = ethdev("rte_eth_allmulticast_enable", JAVA_SHORT);
    static final MethodHandle ALLMULTICAST_DISABLE = ethdev("rte_eth_allmulticast_disable", JAVA_SHORT);
    static final MethodHandle MACADDR_GET = ethdev("rte_eth_macaddr_get", JAVA_SHORT, ADDRESS);
    static final MethodHandle GET_MTU = ethdev("rte_eth_dev_get_mtu", JAVA_SHORT, ADDRESS);
    static final MethodHandle SET_MTU = ethdev("rte_eth_dev_set_mtu", JAVA_SHORT, JAVA_SHORT);
    static final MethodHandle LINK_GET = ethdev("rte_eth_link_get_nowait", JAVA_SHORT, ADDRESS);
    static final MethodHandle STATS_GET = ethdev("rte_eth_stats_get", JAVA_SHORT, ADDRESS);
    static final MethodHandle STATS_RESET = ethdev("rte_eth_stats_reset", JAVA_SHORT);
    static final MethodHandle XSTATS_GET_NAMES = ethdev("rte_eth_xstats_get_names", JAVA_SHORT, ADDRESS, JAVA_INT);
    static final MethodHandle XSTATS_GET = ethdev("rte_eth_xstats_get", JAVA_SHORT, ADDRESS, JAVA_INT);
    static final MethodHandle RSS_HASH_CONF_GET = ethdev("rte_eth_dev_rss_hash_conf_get", JAVA_SHORT, ADDRESS);
    static final MethodHandle RSS_HASH_UPDATE = ethdev("rte_eth_dev_rss_hash_update", JAVA_SHORT, ADDRESS);
    static final MethodHandle RSS_RETA_UPDATE = ethdev("rte_eth_dev_rss_reta_update", JAVA_SHORT, ADDRESS, JAVA_SHORT);
    static final MethodHandle RSS_RETA_QUERY = ethdev("rte_eth_dev_rss_reta_query", JAVA_SHORT, ADDRESS, JAVA_SHORT);

    private EthDevCalls() {}

    private static MethodHandle ethdev(final String name, final MemoryLayout... parameters) {
        return Dpdk.load().function("ethdev", name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static MethodHandle eal(final String name, final MemoryLayout... parameters) {
        return Dpdk.load().function("eal", name, FunctionDescriptor.of(JAVA_INT, parameters));
    }
}
