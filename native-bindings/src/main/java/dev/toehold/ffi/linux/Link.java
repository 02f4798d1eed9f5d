package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * A network interface as the kernel describes it (RTM_NEWLINK).
 *
 * @param index in its network namespace
 * @param name at most 15 bytes
 * @param mac {@link MacAddress#NONE} if it has none of 6 bytes
 * @param mtu bytes of payload of a frame
 * @param flags IFF_ bits of netdevice(7)
 * @param operState RFC 2863
 * @param peerIndex the interface it hangs on (IFLA_LINK): a veth's other end, a VLAN's parent; 0 if none
 * @param peerNamespaceId the kernel's id of the namespace {@code peerIndex} is of; -1 if this one
 * @param masterIndex of the bridge or bond that it belongs to; 0 if none
 * @param kind {@code "veth"}, {@code "tun"}, {@code "bridge"}, ...; empty for hardware and loopback
 * @param rxQueues number of receive queues
 * @param txQueues number of transmit queues
 */
public record Link(
        int index,
        String name,
        MacAddress mac,
        int mtu,
        int flags,
        OperState operState,
        int peerIndex,
        int peerNamespaceId,
        int masterIndex,
        String kind,
        int rxQueues,
        int txQueues) {

    /** Operational states in the kernel's order ({@code linux/if.h}). */
    public enum OperState {
        UNKNOWN,
        NOT_PRESENT,
        DOWN,
        LOWER_LAYER_DOWN,
        TESTING,
        DORMANT,
        UP;

        private static final OperState[] BY_NUMBER = values();

        static OperState of(int number) {
            return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
        }
    }

    private static final int MAC_BYTES = 6;

    /** Whether it is administratively up. */
    public boolean isUp() {
        return (flags & NetlinkH.IFF_UP) != 0;
    }

    /** Whether there is a carrier: a cable, or the other end of a veth that is up. */
    public boolean hasCarrier() {
        return (flags & NetlinkH.IFF_LOWER_UP) != 0;
    }

    public boolean isLoopback() {
        return (flags & NetlinkH.IFF_LOOPBACK) != 0;
    }

    static Link parse(MemorySegment payload) {
        NetlinkAttributes attributes = new NetlinkAttributes(payload.asSlice(IfinfomsgDescriptor.SIZE));
        byte[] mac = attributes.bytes(NetlinkH.IFLA_ADDRESS);
        return new Link(
                payload.get(JAVA_INT_UNALIGNED, IfinfomsgDescriptor.INDEX_OFFSET),
                attributes.string(NetlinkH.IFLA_IFNAME),
                mac.length == MAC_BYTES ? MacAddress.of(mac) : MacAddress.NONE,
                attributes.intValue(NetlinkH.IFLA_MTU, 0),
                payload.get(JAVA_INT_UNALIGNED, IfinfomsgDescriptor.FLAGS_OFFSET),
                OperState.of(attributes.byteValue(NetlinkH.IFLA_OPERSTATE, 0)),
                attributes.intValue(NetlinkH.IFLA_LINK, 0),
                attributes.intValue(NetlinkH.IFLA_LINK_NETNSID, -1),
                attributes.intValue(NetlinkH.IFLA_MASTER, 0),
                attributes.nested(NetlinkH.IFLA_LINKINFO).string(NetlinkH.IFLA_INFO_KIND),
                attributes.intValue(NetlinkH.IFLA_NUM_RX_QUEUES, 1),
                attributes.intValue(NetlinkH.IFLA_NUM_TX_QUEUES, 1));
    }
}
