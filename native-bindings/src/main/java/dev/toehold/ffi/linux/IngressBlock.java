package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Keeps the kernel's own protocols from receiving on an interface, while packet sockets (packet(7)) go on seeing every frame: an nftables table
 * of family netdev with one chain at ingress, of policy drop and without rules. It stays until it is removed, whatever becomes of the
 * process. In the calling thread's network namespace; needs CAP_NET_ADMIN.
 */
public final class IngressBlock {
    private static final int MAX_TABLE_BYTES = 31;
    private static final String CHAIN = "ingress";

    private IngressBlock() {}

    /**
     * Blocks an interface; without effect if it is blocked under that name already.
     *
     * @param table name of the nftables table, as {@code nft list tables} shows it: one for each interface
     * @throws LinuxException EOPNOTSUPP or EPROTONOSUPPORT if the kernel has no nftables for devices
     */
    public static void install(String table, String interfaceName) {
        Check.cString("table", table, MAX_TABLE_BYTES);
        Check.interfaceName(interfaceName);
        String what = "table=" + table + ", interface=" + interfaceName;
        try (NetlinkSocket socket = NetlinkSocket.open(NetfilterH.NETLINK_NETFILTER);
                Arena arena = Arena.ofConfined()) {
            NetlinkRequest newTable = message(arena, "NFT_MSG_NEWTABLE(" + what + ")", NetfilterH.NFT_MSG_NEWTABLE);
            newTable.putString(NetfilterH.NFTA_TABLE_NAME, table);
            NetlinkRequest newChain = message(arena, "NFT_MSG_NEWCHAIN(" + what + ")", NetfilterH.NFT_MSG_NEWCHAIN);
            newChain.putString(NetfilterH.NFTA_CHAIN_TABLE, table)
                    .putString(NetfilterH.NFTA_CHAIN_NAME, CHAIN)
                    .beginNest(NetfilterH.NFTA_CHAIN_HOOK)
                    .putInt(NetfilterH.NFTA_HOOK_HOOKNUM, Integer.reverseBytes(NetfilterH.NF_NETDEV_INGRESS))
                    .putInt(NetfilterH.NFTA_HOOK_PRIORITY, 0)
                    .putString(NetfilterH.NFTA_HOOK_DEV, interfaceName)
                    .endNest()
                    .putInt(NetfilterH.NFTA_CHAIN_POLICY, Integer.reverseBytes(NetfilterH.NF_DROP))
                    .putString(NetfilterH.NFTA_CHAIN_TYPE, "filter");
            execute(socket, arena, List.of(newTable, newChain));
        }
    }

    /** Ends the block; without effect if there is none of that name. */
    public static void remove(String table) {
        Check.cString("table", table, MAX_TABLE_BYTES);
        try (NetlinkSocket socket = NetlinkSocket.open(NetfilterH.NETLINK_NETFILTER);
                Arena arena = Arena.ofConfined()) {
            NetlinkRequest delete =
                    message(arena, "NFT_MSG_DELTABLE(table=" + table + ")", NetfilterH.NFT_MSG_DELTABLE);
            delete.putString(NetfilterH.NFTA_TABLE_NAME, table);
            execute(socket, arena, List.of(delete));
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private static void execute(NetlinkSocket socket, Arena arena, List<NetlinkRequest> messages) {
        socket.executeBatch(
                arena,
                edge(arena, NetfilterH.NFNL_MSG_BATCH_BEGIN),
                messages,
                edge(arena, NetfilterH.NFNL_MSG_BATCH_END));
    }

    private static NetlinkRequest edge(Arena arena, int type) {
        NetlinkRequest request = new NetlinkRequest(arena, "nftables", type, 0);
        request.fixed(NfgenmsgDescriptor.LAYOUT)
                .set(JAVA_SHORT, NfgenmsgDescriptor.RES_ID_OFFSET, Short.reverseBytes((short)
                        NetfilterH.NFNL_SUBSYS_NFTABLES));
        return request;
    }

    private static NetlinkRequest message(Arena arena, String description, int type) {
        NetlinkRequest request = new NetlinkRequest(
                arena,
                description,
                NetfilterH.NFNL_SUBSYS_NFTABLES << Byte.SIZE | type,
                NetlinkH.NLM_F_ACK | NetlinkH.NLM_F_CREATE);
        MemorySegment header = request.fixed(NfgenmsgDescriptor.LAYOUT);
        header.set(JAVA_BYTE, NfgenmsgDescriptor.FAMILY_OFFSET, (byte) NetfilterH.NFPROTO_NETDEV);
        return request;
    }
}
