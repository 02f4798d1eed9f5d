/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints where DPDK's structures keep their fields, for dev.toehold.ffi.dpdk. For another release install its -dev
 * package, then
 *
 *   cc -DSONAME=23 $(pkg-config --cflags libdpdk) layouts.c -o layouts
 *   ./layouts > ../resources/dev/toehold/ffi/dpdk/23-amd64.layout
 *
 * where SONAME is the number that ends librte_eal.so.N, and add it to Dpdk.KNOWN_SONAMES. Nothing of DPDK is linked.
 * LayoutProgramTest compiles this file and compares every line with the resource.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_dmadev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>
#include <rte_version.h>

#define STRUCT(type) printf("sizeof(%s)=0,%zu\n", #type, sizeof(struct type))
#define FIELD(type, field) \
	printf("%s.%s=%zu,%zu\n", #type, #field, offsetof(struct type, field), sizeof(((struct type *)0)->field))
#define CONST(name) printf("const %s=0x%llx\n", #name, (unsigned long long)(name))
#define TEXT(x) #x
#define EXPAND(x) TEXT(x)

#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "aarch64"
#else
#error "no layout is kept for this architecture"
#endif

static void mbufs(void)
{
	STRUCT(rte_mbuf);
	FIELD(rte_mbuf, buf_addr);
	FIELD(rte_mbuf, buf_iova);
	FIELD(rte_mbuf, data_off);
	FIELD(rte_mbuf, refcnt);
	FIELD(rte_mbuf, nb_segs);
	FIELD(rte_mbuf, port);
	FIELD(rte_mbuf, ol_flags);
	FIELD(rte_mbuf, packet_type);
	FIELD(rte_mbuf, pkt_len);
	FIELD(rte_mbuf, data_len);
	FIELD(rte_mbuf, vlan_tci);
	FIELD(rte_mbuf, hash);
	FIELD(rte_mbuf, vlan_tci_outer);
	FIELD(rte_mbuf, buf_len);
	FIELD(rte_mbuf, pool);
	FIELD(rte_mbuf, next);
	FIELD(rte_mbuf, tx_offload);
	FIELD(rte_mbuf, shinfo);
	FIELD(rte_mbuf, priv_size);
	STRUCT(rte_mbuf_ext_shared_info);
	FIELD(rte_mbuf_ext_shared_info, free_cb);
	FIELD(rte_mbuf_ext_shared_info, fcb_opaque);
	FIELD(rte_mbuf_ext_shared_info, refcnt);
	CONST(RTE_PKTMBUF_HEADROOM);
	CONST(RTE_MBUF_DEFAULT_BUF_SIZE);
	CONST(RTE_MBUF_MAX_NB_SEGS);
	CONST(RTE_MBUF_PORT_INVALID);
	CONST(RTE_MBUF_L2_LEN_BITS);
	CONST(RTE_MBUF_L3_LEN_BITS);
	CONST(RTE_MBUF_L4_LEN_BITS);
	CONST(RTE_MBUF_TSO_SEGSZ_BITS);
	CONST(RTE_MBUF_F_RX_IP_CKSUM_MASK);
	CONST(RTE_MBUF_F_RX_IP_CKSUM_GOOD);
	CONST(RTE_MBUF_F_RX_IP_CKSUM_BAD);
	CONST(RTE_MBUF_F_RX_IP_CKSUM_NONE);
	CONST(RTE_MBUF_F_RX_L4_CKSUM_MASK);
	CONST(RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	CONST(RTE_MBUF_F_RX_L4_CKSUM_BAD);
	CONST(RTE_MBUF_F_RX_L4_CKSUM_NONE);
	CONST(RTE_MBUF_F_RX_RSS_HASH);
	CONST(RTE_MBUF_F_RX_VLAN_STRIPPED);
	CONST(RTE_MBUF_F_TX_IP_CKSUM);
	CONST(RTE_MBUF_F_TX_TCP_CKSUM);
	CONST(RTE_MBUF_F_TX_UDP_CKSUM);
	CONST(RTE_MBUF_F_TX_L4_MASK);
	CONST(RTE_MBUF_F_TX_IPV4);
	CONST(RTE_MBUF_F_TX_IPV6);
	CONST(RTE_MBUF_F_TX_TCP_SEG);
	CONST(RTE_MBUF_F_EXTERNAL);
	CONST(RTE_MBUF_F_INDIRECT);
}

static void mempools(void)
{
	STRUCT(rte_mempool);
	FIELD(rte_mempool, name);
	FIELD(rte_mempool, pool_data);
	FIELD(rte_mempool, flags);
	FIELD(rte_mempool, socket_id);
	FIELD(rte_mempool, size);
	FIELD(rte_mempool, cache_size);
	FIELD(rte_mempool, elt_size);
	FIELD(rte_mempool, header_size);
	FIELD(rte_mempool, trailer_size);
	FIELD(rte_mempool, private_data_size);
	FIELD(rte_mempool, ops_index);
	FIELD(rte_mempool, local_cache);
	FIELD(rte_mempool, populated_size);
	STRUCT(rte_mempool_cache);
	FIELD(rte_mempool_cache, size);
	FIELD(rte_mempool_cache, flushthresh);
	FIELD(rte_mempool_cache, len);
	FIELD(rte_mempool_cache, objs);
	STRUCT(rte_mempool_ops);
	FIELD(rte_mempool_ops, enqueue);
	FIELD(rte_mempool_ops, dequeue);
	FIELD(rte_mempool_ops, get_count);
	STRUCT(rte_mempool_ops_table);
	FIELD(rte_mempool_ops_table, num_ops);
	FIELD(rte_mempool_ops_table, ops);
	STRUCT(rte_pktmbuf_pool_private);
	FIELD(rte_pktmbuf_pool_private, mbuf_data_room_size);
	FIELD(rte_pktmbuf_pool_private, mbuf_priv_size);
	STRUCT(rte_mempool_objhdr);
	CONST(RTE_MEMPOOL_CACHE_MAX_SIZE);
	CONST(RTE_MEMPOOL_NAMESIZE);
}

static void rings(void)
{
	STRUCT(rte_ring);
	FIELD(rte_ring, name);
	FIELD(rte_ring, flags);
	FIELD(rte_ring, size);
	FIELD(rte_ring, mask);
	FIELD(rte_ring, capacity);
	FIELD(rte_ring, prod);
	FIELD(rte_ring, cons);
	STRUCT(rte_ring_headtail);
	FIELD(rte_ring_headtail, head);
	FIELD(rte_ring_headtail, tail);
	FIELD(rte_ring_headtail, sync_type);
	CONST(RTE_RING_NAMESIZE);
	CONST(RTE_RING_SZ_MASK);
	CONST(RING_F_SP_ENQ);
	CONST(RING_F_SC_DEQ);
	CONST(RTE_RING_SYNC_ST);
}

/* link_status is a bit-field: prints the link's 64-bit word with only that bit set. */
static void link_status(void)
{
	union {
		struct rte_eth_link link;
		uint64_t word;
	} up = {.word = 0};

	up.link.link_status = 1;
	printf("const rte_eth_link.link_status=0x%llx\n", (unsigned long long)up.word);
}

static void ethdevs(void)
{
	STRUCT(rte_eth_fp_ops);
	FIELD(rte_eth_fp_ops, rx_pkt_burst);
	FIELD(rte_eth_fp_ops, rx_queue_count);
	FIELD(rte_eth_fp_ops, rxq);
	FIELD(rte_eth_fp_ops, tx_pkt_burst);
	FIELD(rte_eth_fp_ops, tx_pkt_prepare);
	FIELD(rte_eth_fp_ops, txq);
	STRUCT(rte_ethdev_qdata);
	FIELD(rte_ethdev_qdata, data);
	FIELD(rte_ethdev_qdata, clbk);
	STRUCT(rte_eth_conf);
	FIELD(rte_eth_conf, link_speeds);
	FIELD(rte_eth_conf, rxmode.mq_mode);
	FIELD(rte_eth_conf, rxmode.mtu);
	FIELD(rte_eth_conf, rxmode.offloads);
	FIELD(rte_eth_conf, txmode.mq_mode);
	FIELD(rte_eth_conf, txmode.offloads);
	FIELD(rte_eth_conf, lpbk_mode);
	FIELD(rte_eth_conf, rx_adv_conf.rss_conf);
	FIELD(rte_eth_conf, intr_conf);
	STRUCT(rte_eth_rss_conf);
	FIELD(rte_eth_rss_conf, rss_key);
	FIELD(rte_eth_rss_conf, rss_key_len);
	FIELD(rte_eth_rss_conf, rss_hf);
	STRUCT(rte_eth_rss_reta_entry64);
	FIELD(rte_eth_rss_reta_entry64, mask);
	FIELD(rte_eth_rss_reta_entry64, reta);
	CONST(RTE_ETH_RETA_GROUP_SIZE);
	STRUCT(rte_eth_rxconf);
	FIELD(rte_eth_rxconf, rx_free_thresh);
	FIELD(rte_eth_rxconf, offloads);
	STRUCT(rte_eth_txconf);
	FIELD(rte_eth_txconf, tx_free_thresh);
	FIELD(rte_eth_txconf, offloads);
	STRUCT(rte_eth_dev_info);
	FIELD(rte_eth_dev_info, device);
	FIELD(rte_eth_dev_info, driver_name);
	FIELD(rte_eth_dev_info, if_index);
	FIELD(rte_eth_dev_info, min_mtu);
	FIELD(rte_eth_dev_info, max_mtu);
	FIELD(rte_eth_dev_info, min_rx_bufsize);
	FIELD(rte_eth_dev_info, max_rx_pktlen);
	FIELD(rte_eth_dev_info, max_rx_queues);
	FIELD(rte_eth_dev_info, max_tx_queues);
	FIELD(rte_eth_dev_info, rx_offload_capa);
	FIELD(rte_eth_dev_info, tx_offload_capa);
	FIELD(rte_eth_dev_info, reta_size);
	FIELD(rte_eth_dev_info, hash_key_size);
	FIELD(rte_eth_dev_info, flow_type_rss_offloads);
	FIELD(rte_eth_dev_info, default_rxconf);
	FIELD(rte_eth_dev_info, default_txconf);
	FIELD(rte_eth_dev_info, rx_desc_lim);
	FIELD(rte_eth_dev_info, tx_desc_lim);
	FIELD(rte_eth_dev_info, speed_capa);
	FIELD(rte_eth_dev_info, nb_rx_queues);
	FIELD(rte_eth_dev_info, nb_tx_queues);
	STRUCT(rte_eth_desc_lim);
	FIELD(rte_eth_desc_lim, nb_max);
	FIELD(rte_eth_desc_lim, nb_min);
	FIELD(rte_eth_desc_lim, nb_align);
	FIELD(rte_eth_desc_lim, nb_seg_max);
	STRUCT(rte_eth_stats);
	FIELD(rte_eth_stats, ipackets);
	FIELD(rte_eth_stats, opackets);
	FIELD(rte_eth_stats, ibytes);
	FIELD(rte_eth_stats, obytes);
	FIELD(rte_eth_stats, imissed);
	FIELD(rte_eth_stats, ierrors);
	FIELD(rte_eth_stats, oerrors);
	FIELD(rte_eth_stats, rx_nombuf);
	STRUCT(rte_eth_xstat);
	FIELD(rte_eth_xstat, id);
	FIELD(rte_eth_xstat, value);
	STRUCT(rte_eth_xstat_name);
	FIELD(rte_eth_xstat_name, name);
	STRUCT(rte_eth_link);
	FIELD(rte_eth_link, link_speed);
	link_status();
	STRUCT(rte_ether_addr);
	CONST(RTE_ETH_LINK_UP);
	CONST(RTE_ETH_NAME_MAX_LEN);
	CONST(RTE_MAX_ETHPORTS);
	CONST(RTE_MAX_QUEUES_PER_PORT);
	CONST(RTE_ETH_MQ_RX_RSS);
	CONST(RTE_ETH_RX_OFFLOAD_VLAN_STRIP);
	CONST(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM);
	CONST(RTE_ETH_RX_OFFLOAD_UDP_CKSUM);
	CONST(RTE_ETH_RX_OFFLOAD_TCP_CKSUM);
	CONST(RTE_ETH_RX_OFFLOAD_TCP_LRO);
	CONST(RTE_ETH_RX_OFFLOAD_SCATTER);
	CONST(RTE_ETH_RX_OFFLOAD_RSS_HASH);
	CONST(RTE_ETH_TX_OFFLOAD_VLAN_INSERT);
	CONST(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
	CONST(RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
	CONST(RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
	CONST(RTE_ETH_TX_OFFLOAD_TCP_TSO);
	CONST(RTE_ETH_TX_OFFLOAD_MT_LOCKFREE);
	CONST(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	CONST(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
	CONST(RTE_ETH_RSS_IPV4);
	CONST(RTE_ETH_RSS_IPV6);
	CONST(RTE_ETH_RSS_NONFRAG_IPV4_TCP);
	CONST(RTE_ETH_RSS_NONFRAG_IPV6_TCP);
}

static void dmadevs(void)
{
	STRUCT(rte_dma_fp_object);
	FIELD(rte_dma_fp_object, dev_private);
	FIELD(rte_dma_fp_object, copy);
	FIELD(rte_dma_fp_object, submit);
	FIELD(rte_dma_fp_object, completed);
	FIELD(rte_dma_fp_object, completed_status);
	FIELD(rte_dma_fp_object, burst_capacity);
	STRUCT(rte_dma_conf);
	FIELD(rte_dma_conf, nb_vchans);
	FIELD(rte_dma_conf, enable_silent);
	STRUCT(rte_dma_vchan_conf);
	FIELD(rte_dma_vchan_conf, direction);
	FIELD(rte_dma_vchan_conf, nb_desc);
	STRUCT(rte_dma_info);
	FIELD(rte_dma_info, dev_name);
	FIELD(rte_dma_info, dev_capa);
	FIELD(rte_dma_info, max_vchans);
	FIELD(rte_dma_info, max_desc);
	FIELD(rte_dma_info, min_desc);
	CONST(RTE_DMA_OP_FLAG_FENCE);
	CONST(RTE_DMA_OP_FLAG_SUBMIT);
	CONST(RTE_DMA_DIR_MEM_TO_MEM);
	CONST(RTE_DMA_CAPA_MEM_TO_MEM);
	CONST(RTE_DMA_CAPA_SVA);
	CONST(RTE_DMA_CAPA_OPS_COPY);
	CONST(RTE_DMA_STATUS_SUCCESSFUL);
}

int main(void)
{
	printf("# Field offsets and sizes of DPDK's structures, made by src/main/c/layouts.c; do not edit by hand.\n");
	printf("release %d.%02d\n", RTE_VER_YEAR, RTE_VER_MONTH);
	printf("soname %s\n", EXPAND(SONAME));
	printf("arch %s\n", ARCH);
	CONST(RTE_MAX_LCORE);
	CONST(RTE_CACHE_LINE_SIZE);
	mbufs();
	mempools();
	rings();
	ethdevs();
	dmadevs();
	return 0;
}
