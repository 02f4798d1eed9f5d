package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two namespaces, joined by a veth that each test makes. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
class NetlinkIT {
    private static final IpPrefix A4 = IpPrefix.parse("10.99.0.1/24");
    private static final IpPrefix B4 = IpPrefix.parse("10.99.0.2/24");
    private static final IpPrefix A6 = IpPrefix.parse("fd99::1/64");
    private static final IpPrefix B6 = IpPrefix.parse("fd99::2/64");

    private final String unique =
            ProcessHandle.current().pid() + "-" + ThreadLocalRandom.current().nextInt(1 << 30);
    private NetworkNamespace here;
    private NetworkNamespace there;
    private Netlink a;
    private Netlink b;

    @BeforeEach
    void create() throws Exception {
        here = NetworkNamespace.create("thl-a" + unique);
        there = NetworkNamespace.create("thl-b" + unique);
        a = here.run(Netlink::open);
        b = there.run(Netlink::open);
        a.createVeth("veth-a", "veth-b", there);
    }

    @AfterEach
    void delete() {
        for (Netlink netlink : new Netlink[] {a, b}) {
            if (netlink != null) {
                netlink.close();
            }
        }
        for (NetworkNamespace namespace : new NetworkNamespace[] {here, there}) {
            if (namespace != null) {
                namespace.delete();
            }
        }
    }

    @Test
    void shouldDescribeBothEndsOfAVeth() {
        Link vethA = link(a, "veth-a");
        Link vethB = link(b, "veth-b");
        assertEquals("veth", vethA.kind());
        assertEquals(vethB.index(), vethA.peerIndex());
        assertEquals(vethA.index(), vethB.peerIndex());
        assertTrue(vethA.peerNamespaceId() >= 0);
        assertEquals(1500, vethA.mtu());
        assertFalse(vethA.isUp());
        assertEquals(Link.OperState.DOWN, vethA.operState());
        assertTrue(vethA.rxQueues() >= 1 && vethA.txQueues() >= 1);
        assertEquals(List.of("lo", "veth-a"), a.links().stream().map(Link::name).toList());
        Link lo = link(a, "lo");
        assertTrue(lo.isLoopback());
        assertEquals("", lo.kind());
        assertEquals(0, lo.peerIndex());
        assertEquals(Optional.empty(), a.link("veth-b"));
    }

    @Test
    void shouldChangeLinks() {
        int index = link(a, "veth-a").index();
        a.setMtu(index, 9000);
        a.setMacAddress(index, MacAddress.parse("02:00:5e:10:00:01"));
        a.setUp(index, true);
        Link half = link(a, "veth-a");
        assertEquals(9000, half.mtu());
        assertEquals("02:00:5e:10:00:01", half.mac().toString());
        assertTrue(half.isUp());
        assertFalse(half.hasCarrier());
        assertNotEquals(Link.OperState.UP, half.operState());
        b.setUp(link(b, "veth-b").index(), true);
        assertTrue(link(a, "veth-a").hasCarrier());
        a.setUp(index, false);
        assertFalse(link(a, "veth-a").isUp());
    }

    @Test
    void shouldAddListAndDeleteAddresses() {
        int index = link(a, "veth-a").index();
        a.addAddress(index, A4, true);
        a.addAddress(index, A6, false);
        LinkAddress v4 = address(a, A4);
        assertEquals(index, v4.linkIndex());
        assertTrue(v4.isPermanent());
        assertEquals(0, v4.scope());
        assertFalse(v4.isTentative() || v4.isDadFailed() || v4.isTemporary() || v4.isDeprecated());
        LinkAddress v6 = address(a, A6);
        assertFalse(v6.isTentative());
        assertEquals(2, a.addresses(index).size());
        assertEquals(List.of(), a.addresses(link(a, "lo").index()));
        a.deleteAddress(index, A4);
        a.deleteAddress(index, A6);
        assertEquals(List.of(), a.addresses());
    }

    @Test
    void shouldShowAnAddressTentativeDuringDuplicateDetection() {
        int index = link(a, "veth-a").index();
        a.addAddress(index, A6, true); // the link is down: detection has not begun
        assertTrue(address(a, A6).isTentative());
    }

    @Test
    void shouldAddListAndDeleteRoutes() throws Exception {
        int index = bothUp();
        InetAddress gateway4 = B4.address();
        InetAddress gateway6 = B6.address();
        a.addRoute(IpPrefix.parse("0.0.0.0/0"), gateway4, 0);
        a.addRoute(IpPrefix.parse("::/0"), gateway6, index);
        a.addRoute(IpPrefix.parse("192.0.2.0/24"), null, index);
        assertEquals(
                List.of(new Route(IpPrefix.parse("0.0.0.0/0"), Optional.of(gateway4), index, Optional.empty(), 0)),
                a.routes().stream()
                        .filter(route ->
                                route.isDefault() && !route.destination().isIpv6())
                        .toList());
        assertEquals(
                List.of(gateway6),
                a.routes().stream()
                        .filter(route ->
                                route.isDefault() && route.destination().isIpv6())
                        .map(route -> route.gateway().orElseThrow())
                        .toList());
        assertTrue(a.routes().stream()
                .anyMatch(route -> route.destination().equals(IpPrefix.parse("192.0.2.0/24"))
                        && route.gateway().isEmpty()
                        && route.linkIndex() == index));
        a.deleteRoute(IpPrefix.parse("0.0.0.0/0"), gateway4, 0);
        a.deleteRoute(IpPrefix.parse("::/0"), gateway6, index);
        assertTrue(a.routes().stream().noneMatch(Route::isDefault));
    }

    @Test
    void shouldReadRoutesWithSeveralNextHopsAndAForeignFamilysGateway() throws Exception {
        int index = bothUp();
        run("ip", "route", "add", "198.51.100.0/24", "nexthop", "via", "10.99.0.2", "nexthop", "via", "10.99.0.3");
        run("ip", "route", "add", "203.0.113.0/24", "via", "inet6", "fd99::2", "dev", "veth-a", "metric", "77");
        assertEquals(
                List.of("10.99.0.2", "10.99.0.3"),
                a.routes().stream()
                        .filter(route -> route.destination().equals(IpPrefix.parse("198.51.100.0/24")))
                        .map(route -> route.gateway().orElseThrow().getHostAddress())
                        .toList());
        assertEquals(
                List.of(new Route(
                        IpPrefix.parse("203.0.113.0/24"), Optional.of(B6.address()), index, Optional.empty(), 77)),
                a.routes().stream()
                        .filter(route -> route.destination().equals(IpPrefix.parse("203.0.113.0/24")))
                        .toList());
    }

    @Test
    void shouldCarryTheKernelsTcpBetweenTheNamespaces() throws Exception {
        bothUp();
        for (Map.Entry<IpPrefix, IpPrefix> pair : Map.of(A4, B4, A6, B6).entrySet()) {
            try (ServerSocketChannel server = there.run(() -> ServerSocketChannel.open()
                            .bind(new InetSocketAddress(pair.getValue().address(), 0)));
                    SocketChannel client = here.run(() -> SocketChannel.open(server.getLocalAddress()));
                    SocketChannel accepted = server.accept()) {
                assertEquals(client.getLocalAddress(), accepted.getRemoteAddress());
                assertEquals(pair.getKey().address(), ((InetSocketAddress) accepted.getRemoteAddress()).getAddress());
            }
        }
    }

    @Test
    void shouldMoveAndDeleteLinks() {
        int index = link(a, "veth-a").index();
        a.move(index, there);
        assertEquals(Optional.empty(), a.link("veth-a"));
        Link moved = link(b, "veth-a");
        assertEquals(link(b, "veth-b").index(), moved.peerIndex());
        assertEquals(-1, moved.peerNamespaceId());
        b.delete(moved.index());
        assertEquals(List.of("lo"), b.links().stream().map(Link::name).toList());
    }

    @Test
    void shouldMakeAVethWithinOneNamespace() {
        a.createVeth("x", "y", null);
        assertEquals(link(a, "y").index(), link(a, "x").peerIndex());
    }

    @Test
    void shouldSayWhatTheKernelSays() {
        int index = link(a, "veth-a").index();
        LinuxException mtu = assertThrows(LinuxException.class, () -> a.setMtu(index, 65536));
        assertTrue(mtu.is(Errno.EINVAL));
        assertTrue(mtu.getMessage().contains("mtu=65536"), mtu.getMessage());
        assertTrue(mtu.getMessage().contains("the kernel says: "), mtu.getMessage());

        LinuxException route =
                assertThrows(LinuxException.class, () -> a.addRoute(IpPrefix.parse("0.0.0.0/0"), B4.address(), 0));
        assertTrue(route.is(Errno.ENETUNREACH));
        assertTrue(route.getMessage().contains("the kernel says: "), route.getMessage());

        assertTrue(assertThrows(LinuxException.class, () -> a.createVeth("veth-a", "z", null))
                .is(Errno.EEXIST));
        assertTrue(assertThrows(LinuxException.class, () -> a.setUp(1_000_000, true))
                .is(Errno.ENODEV));
        assertTrue(assertThrows(LinuxException.class, () -> a.deleteAddress(index, A4))
                .is(Errno.EADDRNOTAVAIL));
        a.addAddress(index, A4, true);
        assertTrue(assertThrows(LinuxException.class, () -> a.addAddress(index, A4, true))
                .is(Errno.EEXIST));
        assertEquals("veth-a", link(a, "veth-a").name(), "the socket goes on after errors");
    }

    @Test
    void shouldListMoreThanOneDatagramHolds() {
        int index = link(a, "veth-a").index();
        for (int i = 0; i < 2000; i++) {
            a.addAddress(index, IpPrefix.parse("10.98." + i / 250 + "." + (i % 250 + 1) + "/32"), true);
        }
        assertEquals(2000, a.addresses(index).size());
    }

    @Test
    void shouldRefuseWrongArgumentsInJava() {
        for (String wrong : new String[] {null, "", "a b", "a/b", "x".repeat(16), ".", "a\0"}) {
            assertThrows(IllegalArgumentException.class, () -> a.link(wrong));
            assertThrows(IllegalArgumentException.class, () -> a.createVeth(wrong, "ok", null));
            assertThrows(IllegalArgumentException.class, () -> a.createVeth("ok", wrong, null));
        }
        assertThrows(IllegalArgumentException.class, () -> a.setUp(0, true));
        assertThrows(IllegalArgumentException.class, () -> a.setMtu(1, 67));
        assertThrows(IllegalArgumentException.class, () -> a.addRoute(A4, B6.address(), 1));
        assertThrows(IllegalArgumentException.class, () -> a.addRoute(A4, null, 0));
        a.close();
        assertThrows(IllegalStateException.class, a::links);
    }

    /** Both ends up with their addresses; the index of end A. */
    private int bothUp() {
        int indexA = link(a, "veth-a").index();
        int indexB = link(b, "veth-b").index();
        a.addAddress(indexA, A4, false);
        a.addAddress(indexA, A6, false);
        b.addAddress(indexB, B4, false);
        b.addAddress(indexB, B6, false);
        a.setUp(indexA, true);
        b.setUp(indexB, true);
        return indexA;
    }

    private void run(String... command) throws Exception {
        Process process = here.run(
                () -> new ProcessBuilder(command).redirectErrorStream(true).start());
        List<String> output = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
    }

    private static Link link(Netlink netlink, String name) {
        return netlink.link(name).orElseThrow(() -> new AssertionError("no link " + name));
    }

    private static LinkAddress address(Netlink netlink, IpPrefix prefix) {
        return netlink.addresses().stream()
                .filter(address -> address.prefix().equals(prefix))
                .findFirst()
                .orElseThrow(() -> new AssertionError(prefix + " is not among " + netlink.addresses()));
    }
}
