package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.net.IcmpError;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.FrameOutput;
import dev.toehold.stack.LinkEvents;
import dev.toehold.stack.LinkLayer;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.link.EthernetLinkLayer;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/** Frames, questions and time into a link layer of two addresses; what it sends must be frames that it could read itself. */
final class LinkTarget implements FrameOutput, LinkEvents {
    private static final long MAC = 0x0200_0000_0001L;
    private static final long OWN6_HIGH = 0xFD00_0000_0000_0000L;
    private static final long OWN4 = 0xFFFF_0A00_0001L;
    private static final long MS = 1_000_000L;
    private static final int CAPACITY = 1514;
    private static final int STEPS_MAX = 256;
    private static final int MAX_TIMERS = 10_000;

    private final FuzzInput input;
    private final ParsedPacket packet = new ParsedPacket();
    private final ParsedPacket own = new ParsedPacket();
    private final MemorySegment out = MemorySegment.ofArray(new byte[CAPACITY]);
    private final EthernetLinkLayer link;
    private boolean isBegun;
    private long nowNs = 1_000 * MS;

    private LinkTarget(FuzzInput input) {
        this.input = input;
        LocalAddresses addresses = new LocalAddresses(
                List.of(new LocalAddresses.Entry(0, 0, OWN4, 24), new LocalAddresses.Entry(0, OWN6_HIGH, 1, 64)));
        link = new EthernetLinkLayer(addresses, new long[] {MAC}, this, this, true, new SplittableRandom(1), nowNs);
    }

    static void run(byte[] bytes) {
        LinkTarget target = new LinkTarget(new FuzzInput(bytes));
        for (int i = 0; i < STEPS_MAX && target.input.hasMore(); i++) {
            target.step();
        }
    }

    private void step() {
        int kind = input.u8();
        if ((kind & 3) == 0) {
            byte[] frame = input.take(input.u8() + (kind >> 2));
            deliver(frame, (kind & 4) != 0);
        } else if ((kind & 3) == 1) {
            nowNs += (long) input.u8() * (kind >> 2) * MS;
            runTimers();
        } else {
            long low = (kind & 4) != 0 ? 0xFFFF_0A00_0000L + input.u8() : input.u8();
            long high = (kind & 4) != 0 ? 0 : OWN6_HIGH;
            if ((kind & 8) != 0) {
                link.onReachable(0, high, low, nowNs);
            } else {
                long mac = link.resolve(0, high, low, nowNs);
                check(mac >= LinkLayer.UNREACHABLE && mac >> 48 <= 0, "MAC", mac);
            }
        }
        check(!isBegun, "a frame was begun and neither sent nor cancelled", nowNs);
        check(link.nextDeadlineNs() > 0, "deadline", link.nextDeadlineNs());
    }

    private void deliver(byte[] frame, boolean responder) {
        MemorySegment memory = MemorySegment.ofArray(frame);
        int result = PacketParser.parse(memory, 0, frame.length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
        if (result == ParseResult.ARP || result == ParseResult.ICMP4 || result == ParseResult.ICMP6) {
            link.onPacket(0, memory, packet, responder, nowNs);
        } else if (!ParseResult.isDrop(result) && packet.family() != 0) {
            link.reject(0, memory, packet, LinkLayer.PORT_UNREACHABLE, nowNs);
            link.reject(0, memory, packet, LinkLayer.PROTOCOL_UNREACHABLE, nowNs);
        }
    }

    private void runTimers() {
        int fired = 0;
        while (link.nextDeadlineNs() <= nowNs) {
            link.pollTimers(nowNs);
            check(++fired < MAX_TIMERS, "a deadline that does not move", link.nextDeadlineNs());
        }
    }

    @Override
    public boolean begin(int portIndex) {
        check(!isBegun && portIndex == 0, "begin on port", portIndex);
        isBegun = true;
        return true;
    }

    @Override
    public MemorySegment memory() {
        return out;
    }

    @Override
    public long offset() {
        return 0;
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public void send(int length) {
        check(isBegun && length > 0 && length <= CAPACITY, "length sent", length);
        isBegun = false;
        int result = PacketParser.parse(out, length, own);
        boolean isUnderstood = result == ParseResult.ARP
                || result == ParseResult.ICMP4
                || result == ParseResult.ICMP6
                || result == ParseResult.DROP_BAD_ADDRESS;
        check(isUnderstood, "sent what cannot be read", result);
        check(own.sourceMac() == MAC, "sent from another MAC", own.sourceMac());
    }

    @Override
    public void cancel() {
        check(isBegun, "cancel of nothing", 0);
        isBegun = false;
    }

    @Override
    public void onResolved(int portIndex, long addressHigh, long addressLow, long mac, long eventNs) {
        check(mac > 0 && mac >> 48 == 0, "resolved to", mac);
    }

    @Override
    public void onUnreachable(int portIndex, long addressHigh, long addressLow, long eventNs) {
        check(portIndex == 0, "port", portIndex);
    }

    @Override
    public void onIcmpError(int kind, IcmpError error, long eventNs) {
        check(kind > IcmpError.NOT_TCP && error.mtu() >= 0, "kind", kind);
    }
}
