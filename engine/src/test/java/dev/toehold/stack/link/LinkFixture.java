package dev.toehold.stack.link;

import dev.toehold.net.Ethernet;
import dev.toehold.net.FrameWriter;
import dev.toehold.net.IcmpError;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Ipv6;
import dev.toehold.net.MacAddress;
import dev.toehold.net.NdpMessage;
import dev.toehold.net.NdpWriter;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.LinkEvents;
import dev.toehold.stack.LocalAddresses;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** A link layer of two ports in virtual time, with what it sends and reports kept. */
final class LinkFixture implements LinkEvents {
    static final long SECOND = 1_000_000_000L;
    static final long SEED = 42;

    static final long MAC_0 = MacAddress.parse("02:00:00:00:00:01");
    static final long MAC_1 = MacAddress.parse("02:00:00:00:00:02");
    static final long PEER_MAC = MacAddress.parse("02:00:00:00:00:aa");
    static final long OTHER_MAC = MacAddress.parse("02:00:00:00:00:bb");

    static final IpAddress OWN4 = IpAddress.parse("10.0.0.1");
    static final IpAddress OWN6 = IpAddress.parse("fd00::1");
    static final IpAddress OWN_LINK_LOCAL = IpAddress.parse("fe80::1");
    static final IpAddress OWN4_PORT_1 = IpAddress.parse("10.1.0.1");
    static final IpAddress OWN6_PORT_1 = IpAddress.parse("fd01::5");
    static final IpAddress PEER4 = IpAddress.parse("10.0.0.9");
    static final IpAddress PEER6 = IpAddress.parse("fd00::9");
    static final IpAddress PEER_LINK_LOCAL = IpAddress.parse("fe80::9");

    static final int OWN6_INDEX = 1;
    static final int OWN_LINK_LOCAL_INDEX = 2;

    final LocalAddresses addresses;
    final CapturedFrames output = new CapturedFrames();
    final List<String> events = new ArrayList<>();
    final EthernetLinkLayer link;
    final ParsedPacket packet = new ParsedPacket();
    private final MemorySegment scratch = Arena.ofAuto().allocate(4096);
    boolean isResponder = true;
    long nowNs = 5 * SECOND;

    LinkFixture(boolean claimsAddresses, List<LocalAddresses.Entry> entries) {
        addresses = new LocalAddresses(entries);
        link = new EthernetLinkLayer(
                addresses, new long[] {MAC_0, MAC_1}, output, this, claimsAddresses, new SplittableRandom(SEED), nowNs);
    }

    LinkFixture() {
        this(
                true,
                List.of(
                        entry(0, OWN4, 24),
                        entry(0, OWN6, 64),
                        entry(0, OWN_LINK_LOCAL, 64),
                        entry(1, OWN4_PORT_1, 24),
                        entry(1, OWN6_PORT_1, 64)));
    }

    static LocalAddresses.Entry entry(int portIndex, IpAddress address, int prefixLength) {
        return new LocalAddresses.Entry(portIndex, address.hi(), address.lo(), prefixLength);
    }

    /** All addresses usable, announcements and reports over, nothing kept of them. */
    static LinkFixture settled() {
        LinkFixture fixture = new LinkFixture();
        fixture.advance(20 * SECOND);
        fixture.output.take();
        return fixture;
    }

    /** Moves time to each deadline on the way, as a sleeping lcore would. */
    void advance(long ns) {
        long end = nowNs + ns;
        for (int i = 0; link.nextDeadlineNs() <= end; i++) {
            if (i == 100_000) {
                throw new AssertionError("deadlineNs=" + link.nextDeadlineNs() + " does not move on");
            }
            nowNs = Math.max(nowNs, link.nextDeadlineNs());
            link.pollTimers(nowNs);
        }
        nowNs = end;
        link.pollTimers(nowNs);
    }

    long resolve(IpAddress address) {
        return resolve(0, address);
    }

    long resolve(int portIndex, IpAddress address) {
        return link.resolve(portIndex, address.hi(), address.lo(), nowNs);
    }

    void suspect(IpAddress peer) {
        link.onSuspect(0, peer.hi(), peer.lo(), nowNs);
    }

    void reachable(IpAddress address) {
        link.onReachable(0, address.hi(), address.lo(), nowNs);
    }

    int state(IpAddress address) {
        return link.neighbors().state(0, address.hi(), address.lo());
    }

    /** Delivers a frame that is of ARP or ICMP, whatever its ICMP checksum; returns the parser's result. */
    int deliver(int portIndex, byte[] frame) {
        int result = deliverIfLink(portIndex, frame);
        if (result != ParseResult.ARP && result != ParseResult.ICMP4 && result != ParseResult.ICMP6) {
            throw new AssertionError("result=" + ParseResult.name(result));
        }
        return result;
    }

    /** Delivers a frame if the demultiplexer would; one byte beyond it is an exception. */
    int deliverIfLink(int portIndex, byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(frame.length);
            MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, frame.length);
            int result = PacketParser.parse(memory, frame.length, packet);
            if (result == ParseResult.ARP || result == ParseResult.ICMP4 || result == ParseResult.ICMP6) {
                link.onPacket(portIndex, memory, packet, isResponder, nowNs);
            }
            return result;
        }
    }

    /** Delivers what the last writer left in {@link #scratch}. */
    private void deliver(int portIndex, int length) {
        deliver(portIndex, scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    void arpRequest(int portIndex, long mac, IpAddress sender, IpAddress target) {
        deliver(portIndex, FrameWriter.arpRequest(scratch, 0, MacAddress.BROADCAST, mac, sender.ipv4(), target.ipv4()));
    }

    void arpReply(int portIndex, long mac, IpAddress sender, IpAddress target) {
        long to = portIndex == 0 ? MAC_0 : MAC_1;
        deliver(portIndex, FrameWriter.arpReply(scratch, 0, mac, sender.ipv4(), to, target.ipv4()));
    }

    void solicitation(int portIndex, long mac, IpAddress source, IpAddress target) {
        deliver(
                portIndex,
                NdpWriter.neighborSolicitation(scratch, 0, mac, source.hi(), source.lo(), target.hi(), target.lo()));
    }

    /** A solicitation in a frame of the peer whose option names another MAC address. */
    void solicitationNaming(long mac, IpAddress source, IpAddress target) {
        int length =
                NdpWriter.neighborSolicitation(scratch, 0, mac, source.hi(), source.lo(), target.hi(), target.lo());
        fromPeer(length);
    }

    /** An unsolicited advertisement in a frame of the peer whose option names another MAC address. */
    void advertisementNaming(long mac, IpAddress target) {
        fromPeer(NdpWriter.unsolicitedAdvertisement(scratch, 0, mac, target.hi(), target.lo()));
    }

    private void fromPeer(int length) {
        Ethernet.write(scratch, 0, Ethernet.destination(scratch, 0), PEER_MAC, Ethernet.TYPE_IPV6);
        deliver(0, length);
    }

    /** A neighbour advertisement to our link-local address. */
    void advertisement(long mac, IpAddress target, int flags) {
        deliver(
                0,
                NdpWriter.neighborAdvertisement(
                        scratch,
                        0,
                        mac,
                        MAC_0,
                        target.hi(),
                        target.lo(),
                        OWN_LINK_LOCAL.hi(),
                        OWN_LINK_LOCAL.lo(),
                        flags));
    }

    /** The same without the option that names the MAC address. */
    void advertisementWithoutMac(IpAddress target, int flags) {
        int length = NdpWriter.neighborAdvertisement(
                scratch, 0, PEER_MAC, MAC_0, target.hi(), target.lo(), OWN_LINK_LOCAL.hi(), OWN_LINK_LOCAL.lo(), flags);
        Ipv6.write(scratch, 14, 0, 0, 24, 58, 255, target.hi(), target.lo(), OWN_LINK_LOCAL.hi(), OWN_LINK_LOCAL.lo());
        Icmpv6.fillChecksum(scratch, 54, 24, target.hi(), target.lo(), OWN_LINK_LOCAL.hi(), OWN_LINK_LOCAL.lo());
        deliver(0, length - 8);
    }

    void unsolicitedAdvertisement(int portIndex, long mac, IpAddress target) {
        deliver(portIndex, NdpWriter.unsolicitedAdvertisement(scratch, 0, mac, target.hi(), target.lo()));
    }

    static int solicitedOverride() {
        return NdpMessage.FLAG_SOLICITED | NdpMessage.FLAG_OVERRIDE;
    }

    long counter(int counter) {
        return link.counters().get(counter);
    }

    @Override
    public void onResolved(int portIndex, long addressHigh, long addressLow, long mac, long eventNs) {
        events.add("resolved " + portIndex + ' ' + IpAddress.format(addressHigh, addressLow) + ' '
                + MacAddress.format(mac));
    }

    @Override
    public void onUnreachable(int portIndex, long addressHigh, long addressLow, long eventNs) {
        events.add("unreachable " + portIndex + ' ' + IpAddress.format(addressHigh, addressLow));
    }

    @Override
    public void onIcmpError(int kind, IcmpError error, long eventNs) {
        events.add("icmp " + kind + ' ' + error.localPort() + ' ' + error.remotePort());
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static String sourceMac(CapturedFrames.Frame frame) {
        return MacAddress.format(MacAddress.of(frame.bytes(), 6));
    }

    /** One line a frame: port, destination MAC, what it is, who to whom. The first word of what it is stays stable. */
    static String describe(CapturedFrames.Frame frame) {
        byte[] bytes = frame.bytes();
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        String to = frame.portIndex() + " " + MacAddress.format(Ethernet.destination(memory, 0)) + ' ';
        if (Ethernet.etherType(memory, 0) == Ethernet.TYPE_ARP) {
            HexFormat format = HexFormat.of();
            return to
                    + (bytes[21] == 1 ? "arp-request " : "arp-reply ")
                    + format.formatHex(bytes, 28, 32)
                    + ' '
                    + format.formatHex(bytes, 38, 42);
        }
        ParsedPacket read = new ParsedPacket();
        PacketParser.parse(memory, bytes.length, read);
        NdpMessage ndp = new NdpMessage();
        int message = ndp.parse(memory, read);
        String source = IpAddress.format(read.sourceHi(), read.sourceLo());
        if (message == NdpMessage.NEIGHBOR_SOLICITATION) {
            return to + "ns " + source + ' ' + IpAddress.format(ndp.targetHi(), ndp.targetLo());
        }
        if (message == NdpMessage.NEIGHBOR_ADVERTISEMENT) {
            return to + "na " + source + ' ' + IpAddress.format(read.destinationHi(), read.destinationLo()) + ' '
                    + Integer.toHexString(ndp.flags() >>> 28);
        }
        return to + "icmp-" + read.icmpType() + ' ' + source;
    }

    /** Descriptions of what was sent since the last look. */
    List<String> sent() {
        return output.take().stream().map(LinkFixture::describe).toList();
    }
}
