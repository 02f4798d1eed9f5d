package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A unicast route of the main table, as the kernel describes it (RTM_NEWROUTE). A route with several next hops is that
 * many records.
 *
 * @param destination of the packets; length 0 for a default route
 * @param gateway the next hop; empty if the destination is on the link
 * @param linkIndex of the interface it leads out of; 0 if it names none
 * @param source preferred source address; empty if it names none
 * @param priority metric: the lowest wins
 */
public record Route(
        IpPrefix destination,
        Optional<InetAddress> gateway,
        int linkIndex,
        Optional<InetAddress> source,
        long priority) {

    /** Family (2 bytes) in front of the address in RTA_VIA. */
    private static final int VIA_FAMILY_BYTES = 2;

    public boolean isDefault() {
        return destination.length() == 0;
    }

    /** No route for what is not of the main table, not unicast, or only a cache entry. */
    static List<Route> parse(MemorySegment payload) {
        int family = Byte.toUnsignedInt(payload.get(JAVA_BYTE, RtmsgDescriptor.FAMILY_OFFSET));
        boolean isIpv4 = family == SocketH.AF_INET;
        NetlinkAttributes attributes = new NetlinkAttributes(payload.asSlice(RtmsgDescriptor.SIZE));
        int table = attributes.intValue(
                NetlinkH.RTA_TABLE, Byte.toUnsignedInt(payload.get(JAVA_BYTE, RtmsgDescriptor.TABLE_OFFSET)));
        int flags = payload.get(JAVA_INT_UNALIGNED, RtmsgDescriptor.FLAGS_OFFSET);
        if (!(isIpv4 || family == SocketH.AF_INET6)
                || table != NetlinkH.RT_TABLE_MAIN
                || payload.get(JAVA_BYTE, RtmsgDescriptor.TYPE_OFFSET) != NetlinkH.RTN_UNICAST
                || (flags & NetlinkH.RTM_F_CLONED) != 0) {
            return List.of();
        }
        InetAddress destination = attributes.has(NetlinkH.RTA_DST)
                ? IpPrefix.address(attributes.bytes(NetlinkH.RTA_DST))
                : IpPrefix.address(new byte[isIpv4 ? 4 : 16]);
        IpPrefix prefix =
                new IpPrefix(destination, Byte.toUnsignedInt(payload.get(JAVA_BYTE, RtmsgDescriptor.DST_LEN_OFFSET)));
        Optional<InetAddress> source = address(attributes.bytes(NetlinkH.RTA_PREFSRC));
        long priority = Integer.toUnsignedLong(attributes.intValue(NetlinkH.RTA_PRIORITY, 0));
        List<Route> routes = new ArrayList<>();
        if (attributes.has(NetlinkH.RTA_MULTIPATH)) {
            addNextHops(attributes.segment(NetlinkH.RTA_MULTIPATH), prefix, source, priority, routes);
        } else {
            routes.add(
                    new Route(prefix, gateway(attributes), attributes.intValue(NetlinkH.RTA_OIF, 0), source, priority));
        }
        return routes;
    }

    private static void addNextHops(
            MemorySegment hops, IpPrefix prefix, Optional<InetAddress> source, long priority, List<Route> routes) {
        long offset = 0;
        while (offset + RtnexthopDescriptor.SIZE <= hops.byteSize()) {
            int length = Short.toUnsignedInt(hops.get(JAVA_SHORT_UNALIGNED, offset + RtnexthopDescriptor.LEN_OFFSET));
            if (length < RtnexthopDescriptor.SIZE || length > hops.byteSize() - offset) {
                return;
            }
            NetlinkAttributes attributes = new NetlinkAttributes(
                    hops.asSlice(offset + RtnexthopDescriptor.SIZE, length - RtnexthopDescriptor.SIZE));
            int index = hops.get(JAVA_INT_UNALIGNED, offset + RtnexthopDescriptor.IFINDEX_OFFSET);
            routes.add(new Route(prefix, gateway(attributes), index, source, priority));
            offset = NetlinkRequest.align(offset + length);
        }
    }

    private static Optional<InetAddress> gateway(NetlinkAttributes attributes) {
        if (attributes.has(NetlinkH.RTA_GATEWAY)) {
            return address(attributes.bytes(NetlinkH.RTA_GATEWAY));
        }
        byte[] via = attributes.bytes(NetlinkH.RTA_VIA); // a gateway of the other family
        return via.length <= VIA_FAMILY_BYTES
                ? Optional.empty()
                : address(Arrays.copyOfRange(via, VIA_FAMILY_BYTES, via.length));
    }

    private static Optional<InetAddress> address(byte[] bytes) {
        return bytes.length == 4 || bytes.length == 16 ? Optional.of(IpPrefix.address(bytes)) : Optional.empty();
    }

    @Override
    public String toString() {
        String text = isDefault() ? "default" : destination.toString();
        return (destination.address() instanceof Inet4Address ? "ip " : "ipv6 ")
                + text
                + gateway.map(via -> " via " + via.getHostAddress()).orElse("")
                + " link "
                + linkIndex;
    }
}
