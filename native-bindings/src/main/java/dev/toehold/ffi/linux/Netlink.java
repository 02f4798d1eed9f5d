package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Links, addresses and routes of one network namespace (rtnetlink(7)): that of the thread that calls {@link #open},
 * wherever it is used afterwards. Reading needs no privilege, changing needs CAP_NET_ADMIN. Failures carry the kernel's
 * own words where it gives some. Thread-safe; one request at a time.
 */
public final class Netlink implements AutoCloseable {
    private static final int MAX_MTU = 65536;
    private static final int CREATE = NetlinkH.NLM_F_CREATE | NetlinkH.NLM_F_EXCL;

    private final NetlinkSocket socket;

    private Netlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    public static Netlink open() {
        return new Netlink(NetlinkSocket.open());
    }

    /** All links, in the order of their indexes. */
    public List<Link> links() {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request =
                    new NetlinkRequest(arena, "RTM_GETLINK()", NetlinkH.RTM_GETLINK, NetlinkH.NLM_F_DUMP);
            request.fixed(IfinfomsgDescriptor.LAYOUT);
            return socket.query(arena, request, Link::parse);
        }
    }

    /** The link of that name, if there is one. */
    public Optional<Link> link(String name) {
        Check.interfaceName(name);
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = new NetlinkRequest(
                    arena, "RTM_GETLINK(name=" + name + ")", NetlinkH.RTM_GETLINK, NetlinkH.NLM_F_ACK);
            request.fixed(IfinfomsgDescriptor.LAYOUT);
            request.putString(NetlinkH.IFLA_IFNAME, name);
            return socket.query(arena, request, Link::parse).stream().findFirst();
        } catch (LinuxException e) {
            if (e.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** IPv4 and IPv6 addresses of all links. */
    public List<LinkAddress> addresses() {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request =
                    new NetlinkRequest(arena, "RTM_GETADDR()", NetlinkH.RTM_GETADDR, NetlinkH.NLM_F_DUMP);
            request.fixed(IfaddrmsgDescriptor.LAYOUT);
            return socket.query(arena, request, LinkAddress::parse);
        }
    }

    /** IPv4 and IPv6 addresses of one link. */
    public List<LinkAddress> addresses(int linkIndex) {
        checkIndex(linkIndex);
        return addresses().stream()
                .filter(address -> address.linkIndex() == linkIndex)
                .toList();
    }

    /** Unicast routes of the main table, IPv4 and IPv6. */
    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request =
                    new NetlinkRequest(arena, "RTM_GETROUTE()", NetlinkH.RTM_GETROUTE, NetlinkH.NLM_F_DUMP);
            request.fixed(RtmsgDescriptor.LAYOUT);
            socket.query(arena, request, Route::parse).forEach(routes::addAll);
        }
        return routes;
    }

    /** All addresses of a link, and then the routes of the main table over it, those that others lead through first. */
    public List<KernelRecord> records(int linkIndex) {
        checkIndex(linkIndex);
        List<KernelRecord> records = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest addresses =
                    new NetlinkRequest(arena, "RTM_GETADDR()", NetlinkH.RTM_GETADDR, NetlinkH.NLM_F_DUMP);
            addresses.fixed(IfaddrmsgDescriptor.LAYOUT);
            records.addAll(socket.query(arena, addresses, payload -> {
                LinkAddress address = LinkAddress.parse(payload);
                return address != null && address.linkIndex() == linkIndex ? KernelRecord.address(payload) : null;
            }));
            NetlinkRequest routes =
                    new NetlinkRequest(arena, "RTM_GETROUTE()", NetlinkH.RTM_GETROUTE, NetlinkH.NLM_F_DUMP);
            routes.fixed(RtmsgDescriptor.LAYOUT);
            List<KernelRecord> direct = new ArrayList<>();
            List<KernelRecord> remote = new ArrayList<>();
            socket.query(arena, routes, payload -> {
                List<Route> parsed = Route.parse(payload);
                if (parsed.size() == 1 && parsed.getFirst().linkIndex() == linkIndex) {
                    (parsed.getFirst().gateway().isPresent() ? remote : direct).add(KernelRecord.route(payload));
                }
                return null;
            });
            records.addAll(direct);
            records.addAll(remote);
        }
        return records;
    }

    /**
     * Gives the kernel back what {@link #records} found; what is there again is left alone.
     *
     * @param ageSeconds how long ago that was: lifetimes have gone on since, what has expired is gone
     */
    public void restore(KernelRecord kernelRecord, long ageSeconds) {
        byte[] payload = kernelRecord.after(ageSeconds);
        if (payload.length == 0) {
            return;
        }
        boolean isAddress = kernelRecord.type() == NetlinkH.RTM_NEWADDR;
        try {
            send(isAddress ? "RTM_NEWADDR()" : "RTM_NEWROUTE()", kernelRecord.type(), CREATE, payload);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    /** Deletes what {@link #records} found; what has gone meanwhile, perhaps with its address, is left alone. */
    public void remove(KernelRecord kernelRecord) {
        boolean isAddress = kernelRecord.type() == NetlinkH.RTM_NEWADDR;
        try {
            send(
                    isAddress ? "RTM_DELADDR()" : "RTM_DELROUTE()",
                    isAddress ? NetlinkH.RTM_DELADDR : NetlinkH.RTM_DELROUTE,
                    0,
                    kernelRecord.payload());
        } catch (LinuxException e) {
            if (!e.is(Errno.EADDRNOTAVAIL) && !e.is(Errno.ESRCH) && !e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private void send(String name, int type, int flags, byte[] payload) {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = new NetlinkRequest(arena, name, type, NetlinkH.NLM_F_ACK | flags);
            MemorySegment.copy(
                    MemorySegment.ofArray(payload),
                    0,
                    request.fixed(MemoryLayout.sequenceLayout(payload.length, JAVA_BYTE)),
                    0,
                    payload.length);
            socket.execute(arena, request);
        }
    }

    public void setUp(int linkIndex, boolean up) {
        checkIndex(linkIndex);
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = change(arena, "index=" + linkIndex + ", up=" + up);
            MemorySegment ifinfomsg = ifinfomsg(request, linkIndex);
            ifinfomsg.set(JAVA_INT, IfinfomsgDescriptor.FLAGS_OFFSET, up ? NetlinkH.IFF_UP : 0);
            ifinfomsg.set(JAVA_INT, IfinfomsgDescriptor.CHANGE_OFFSET, NetlinkH.IFF_UP);
            socket.execute(arena, request);
        }
    }

    /**
     * Sets the MTU.
     *
     * @param mtu 68 to 65,536 bytes; the driver may allow less
     */
    public void setMtu(int linkIndex, int mtu) {
        checkIndex(linkIndex);
        Check.range("mtu", mtu, 68, MAX_MTU);
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = change(arena, "index=" + linkIndex + ", mtu=" + mtu);
            ifinfomsg(request, linkIndex);
            request.putInt(NetlinkH.IFLA_MTU, mtu);
            socket.execute(arena, request);
        }
    }

    /** Sets the Ethernet address; some drivers want the link to be down. */
    public void setMacAddress(int linkIndex, MacAddress mac) {
        checkIndex(linkIndex);
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = change(arena, "index=" + linkIndex + ", mac=" + mac);
            ifinfomsg(request, linkIndex);
            request.put(NetlinkH.IFLA_ADDRESS, mac.toBytes());
            socket.execute(arena, request);
        }
    }

    /**
     * Makes a veth pair, both ends down.
     *
     * @param name of the end in this namespace
     * @param peerName of the other end
     * @param peerNamespace where the other end goes; null for this namespace too
     */
    public void createVeth(String name, String peerName, NetworkNamespace peerNamespace) {
        Check.interfaceName(name);
        Check.interfaceName(peerName);
        Fd namespace = peerNamespace == null ? null : peerNamespace.fd();
        int namespaceFd = namespace == null ? -1 : namespace.acquire();
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = new NetlinkRequest(
                    arena,
                    "RTM_NEWLINK(kind=veth, name=" + name + ", peer=" + peerName + ")",
                    NetlinkH.RTM_NEWLINK,
                    NetlinkH.NLM_F_ACK | CREATE);
            ifinfomsg(request, 0);
            request.putString(NetlinkH.IFLA_IFNAME, name);
            request.beginNest(NetlinkH.IFLA_LINKINFO);
            request.putString(NetlinkH.IFLA_INFO_KIND, "veth");
            request.beginNest(NetlinkH.IFLA_INFO_DATA).beginNest(NetlinkH.VETH_INFO_PEER);
            ifinfomsg(request, 0);
            request.putString(NetlinkH.IFLA_IFNAME, peerName);
            if (namespace != null) {
                request.putInt(NetlinkH.IFLA_NET_NS_FD, namespaceFd);
            }
            request.endNest().endNest().endNest();
            socket.execute(arena, request);
        } finally {
            if (namespace != null) {
                namespace.release();
            }
        }
    }

    /** Moves a link to another namespace: it goes down, loses its addresses and may get another index. */
    public void move(int linkIndex, NetworkNamespace namespace) {
        checkIndex(linkIndex);
        int namespaceFd = namespace.fd().acquire();
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = change(arena, "index=" + linkIndex + ", namespace=" + namespace);
            ifinfomsg(request, linkIndex);
            request.putInt(NetlinkH.IFLA_NET_NS_FD, namespaceFd);
            socket.execute(arena, request);
        } finally {
            namespace.fd().release();
        }
    }

    /** Deletes a virtual link; of a veth, both ends. */
    public void delete(int linkIndex) {
        checkIndex(linkIndex);
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = new NetlinkRequest(
                    arena, "RTM_DELLINK(index=" + linkIndex + ")", NetlinkH.RTM_DELLINK, NetlinkH.NLM_F_ACK);
            ifinfomsg(request, linkIndex);
            socket.execute(arena, request);
        }
    }

    /**
     * Adds an address.
     *
     * @param detectDuplicates IPv6: whether the address waits for duplicate address detection (RFC 4862), tentative for
     *     about a second; no meaning for IPv4
     */
    public void addAddress(int linkIndex, IpPrefix prefix, boolean detectDuplicates) {
        int flags = prefix.isIpv6() && !detectDuplicates ? NetlinkH.IFA_F_NODAD : 0;
        changeAddress("RTM_NEWADDR", NetlinkH.RTM_NEWADDR, CREATE, linkIndex, prefix, flags);
    }

    public void deleteAddress(int linkIndex, IpPrefix prefix) {
        changeAddress("RTM_DELADDR", NetlinkH.RTM_DELADDR, 0, linkIndex, prefix, 0);
    }

    /**
     * Adds a unicast route to the main table.
     *
     * @param destination length 0 for the default route
     * @param gateway next hop, of the destination's family; null if the destination is on the link
     * @param linkIndex of the interface; 0 lets the kernel find it from the gateway
     */
    public void addRoute(IpPrefix destination, InetAddress gateway, int linkIndex) {
        changeRoute("RTM_NEWROUTE", NetlinkH.RTM_NEWROUTE, CREATE, destination, gateway, linkIndex);
    }

    /** Deletes what {@link #addRoute} added. */
    public void deleteRoute(IpPrefix destination, InetAddress gateway, int linkIndex) {
        changeRoute("RTM_DELROUTE", NetlinkH.RTM_DELROUTE, 0, destination, gateway, linkIndex);
    }

    @Override
    public void close() {
        socket.close();
    }

    private static NetlinkRequest change(Arena arena, String arguments) {
        return new NetlinkRequest(arena, "RTM_NEWLINK(" + arguments + ")", NetlinkH.RTM_NEWLINK, NetlinkH.NLM_F_ACK);
    }

    private static MemorySegment ifinfomsg(NetlinkRequest request, int linkIndex) {
        MemorySegment ifinfomsg = request.fixed(IfinfomsgDescriptor.LAYOUT);
        ifinfomsg.set(JAVA_INT, IfinfomsgDescriptor.INDEX_OFFSET, linkIndex);
        return ifinfomsg;
    }

    private void changeAddress(String name, int type, int flags, int linkIndex, IpPrefix prefix, int addressFlags) {
        checkIndex(linkIndex);
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = new NetlinkRequest(
                    arena,
                    name + "(index=" + linkIndex + ", address=" + prefix + ")",
                    type,
                    NetlinkH.NLM_F_ACK | flags);
            MemorySegment ifaddrmsg = request.fixed(IfaddrmsgDescriptor.LAYOUT);
            ifaddrmsg.set(JAVA_BYTE, IfaddrmsgDescriptor.FAMILY_OFFSET, (byte) IpPrefix.family(prefix.address()));
            ifaddrmsg.set(JAVA_BYTE, IfaddrmsgDescriptor.PREFIXLEN_OFFSET, (byte) prefix.length());
            ifaddrmsg.set(JAVA_INT, IfaddrmsgDescriptor.INDEX_OFFSET, linkIndex);
            byte[] address = prefix.address().getAddress();
            request.put(NetlinkH.IFA_LOCAL, address).put(NetlinkH.IFA_ADDRESS, address);
            if (addressFlags != 0) {
                request.putInt(NetlinkH.IFA_FLAGS, addressFlags);
            }
            socket.execute(arena, request);
        }
    }

    private void changeRoute(
            String name, int type, int flags, IpPrefix destination, InetAddress gateway, int linkIndex) {
        Check.range("linkIndex", linkIndex, gateway == null ? 1 : 0, Integer.MAX_VALUE);
        int family = IpPrefix.family(destination.address());
        if (gateway != null && IpPrefix.family(gateway) != family) {
            throw new IllegalArgumentException(
                    "destination=" + destination + ", gateway=" + gateway + ": not of one family");
        }
        try (Arena arena = Arena.ofConfined()) {
            NetlinkRequest request = new NetlinkRequest(
                    arena,
                    name + "(destination=" + destination + ", gateway=" + gateway + ", index=" + linkIndex + ")",
                    type,
                    NetlinkH.NLM_F_ACK | flags);
            MemorySegment rtmsg = request.fixed(RtmsgDescriptor.LAYOUT);
            rtmsg.set(JAVA_BYTE, RtmsgDescriptor.FAMILY_OFFSET, (byte) family);
            rtmsg.set(JAVA_BYTE, RtmsgDescriptor.DST_LEN_OFFSET, (byte) destination.length());
            rtmsg.set(JAVA_BYTE, RtmsgDescriptor.TABLE_OFFSET, (byte) NetlinkH.RT_TABLE_MAIN);
            rtmsg.set(JAVA_BYTE, RtmsgDescriptor.PROTOCOL_OFFSET, (byte) NetlinkH.RTPROT_STATIC);
            rtmsg.set(JAVA_BYTE, RtmsgDescriptor.TYPE_OFFSET, (byte) NetlinkH.RTN_UNICAST);
            int scope = gateway == null ? NetlinkH.RT_SCOPE_LINK : NetlinkH.RT_SCOPE_UNIVERSE;
            rtmsg.set(JAVA_BYTE, RtmsgDescriptor.SCOPE_OFFSET, (byte) scope);
            if (destination.length() > 0) {
                request.put(NetlinkH.RTA_DST, destination.address().getAddress());
            }
            if (gateway != null) {
                request.put(NetlinkH.RTA_GATEWAY, gateway.getAddress());
            }
            if (linkIndex != 0) {
                request.putInt(NetlinkH.RTA_OIF, linkIndex);
            }
            socket.execute(arena, request);
        }
    }

    private static void checkIndex(int linkIndex) {
        Check.range("linkIndex", linkIndex, 1, Integer.MAX_VALUE);
    }
}
