package dev.toehold.ffi.linux;

/** Values of {@code linux/netfilter.h}, {@code linux/netfilter/nfnetlink.h} and {@code nf_tables.h}, by their C names. */
final class NetfilterH {
    static final int NETLINK_NETFILTER = 12;
    static final int NFPROTO_NETDEV = 5;
    static final int NFNL_SUBSYS_NFTABLES = 10;
    static final int NFNL_MSG_BATCH_BEGIN = 0x10;
    static final int NFNL_MSG_BATCH_END = 0x11;

    static final int NFT_MSG_NEWTABLE = 0;
    static final int NFT_MSG_DELTABLE = 2;
    static final int NFT_MSG_NEWCHAIN = 3;
    static final int NFTA_TABLE_NAME = 1;
    static final int NFTA_CHAIN_TABLE = 1;
    static final int NFTA_CHAIN_NAME = 3;
    static final int NFTA_CHAIN_HOOK = 4;
    static final int NFTA_CHAIN_POLICY = 5;
    static final int NFTA_CHAIN_TYPE = 7;
    static final int NFTA_HOOK_HOOKNUM = 1;
    static final int NFTA_HOOK_PRIORITY = 2;
    static final int NFTA_HOOK_DEV = 3;
    static final int NF_NETDEV_INGRESS = 0;
    static final int NF_DROP = 0;

    private NetfilterH() {}
}
