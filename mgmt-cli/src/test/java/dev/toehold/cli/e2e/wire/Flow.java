package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.CWR;
import static dev.toehold.cli.e2e.wire.Segment.ECE;
import static dev.toehold.cli.e2e.wire.Segment.FIN;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.RST;
import static dev.toehold.cli.e2e.wire.Segment.SYN;

import dev.toehold.cli.e2e.TestNetwork;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection as its peer plays it, from one pair of ports: makes segments, awaits those of the engine, holds each of them
 * against {@link FlowRules}. Nothing is sent by itself.
 */
final class Flow implements AutoCloseable {
    /** What the SYN offers beside the MSS. */
    enum Offer {
        SCALE,
        SACK,
        TIMESTAMPS,
        ECN
    }

    record Key(List<Byte> local, int localPort, int remotePort) {
        static Key of(Segment segment) {
            return new Key(bytes(segment.destination()), segment.destinationPort(), segment.sourcePort());
        }

        private static List<Byte> bytes(byte[] address) {
            List<Byte> bytes = new ArrayList<>(address.length);
            for (byte each : address) {
                bytes.add(each);
            }
            return bytes;
        }
    }

    static final int OFFERED_SCALE = 2;

    private static final int MAX_TEXT = 1_400;

    /** Upper bound of what is due at once: the host may be busy with other things. */
    static final long SOON_MS = 4_000;

    private static final AtomicInteger PORTS = new AtomicInteger(20_000);
    private static final AtomicInteger IP_IDS = new AtomicInteger(1);

    private final RawWire wire;
    private final boolean isIpv6;
    private final byte[] local;
    private final int localPort;
    private final int remotePort;
    private final long startNs = System.nanoTime();
    private final int tsBase = ThreadLocalRandom.current().nextInt();
    private final BlockingQueue<Segment> received = new LinkedBlockingQueue<>();
    private final StringBuilder transcript = new StringBuilder();
    private final FlowRules rules;

    private int iss;
    private volatile int irs;
    private volatile int rcvScale;
    private volatile int sendMss;
    private volatile boolean timestampsAreOn;
    private volatile boolean sackIsOn;
    private volatile boolean ecnIsOn;
    private volatile int tsRecent;
    private volatile int lastAck;
    private int sndNxt;
    private int rcvNxt;
    private int sndScale;
    private boolean hasEnded;
    private volatile boolean isSynAwaited;
    private int window = 65_535;

    Flow(RawWire wire, boolean isIpv6, int remotePort) {
        this(wire, isIpv6, remotePort, nextPort(), ThreadLocalRandom.current().nextInt());
    }

    Flow(RawWire wire, boolean isIpv6, int remotePort, int localPort, int iss) {
        this(wire, isIpv6 ? RawWire.IPV6 : RawWire.IPV4, remotePort, localPort, iss);
    }

    /** From any address, whether it can be one or not. */
    Flow(RawWire wire, byte[] local, int remotePort, int localPort, int iss) {
        this.wire = wire;
        this.local = local;
        this.localPort = localPort;
        this.remotePort = remotePort;
        this.iss = iss;
        isIpv6 = local.length > RawWire.IPV4.length;
        sndNxt = iss;
        sendMss = isIpv6 ? 1220 : 536;
        rules = new FlowRules(this);
        wire.add(this);
    }

    static int nextPort() {
        return PORTS.getAndIncrement();
    }

    /** Opens with an MSS of a full Ethernet frame and these options. */
    Flow open(Offer... offers) {
        Set<Offer> set = EnumSet.noneOf(Offer.class);
        set.addAll(Arrays.asList(offers));
        Draft syn = make(set.contains(Offer.ECN) ? SYN | ECE | CWR : SYN).mss(fullMss());
        if (set.contains(Offer.SACK)) {
            syn.sackPermitted();
        }
        if (set.contains(Offer.TIMESTAMPS)) {
            syn.timestamps(tsVal(), 0);
        }
        if (set.contains(Offer.SCALE)) {
            syn.scale(OFFERED_SCALE);
        }
        return open(syn, fullMss());
    }

    /** The engine opens the connection. */
    Flow awaitsSyn() {
        isSynAwaited = true;
        return this;
    }

    boolean isSynAwaited() {
        return isSynAwaited;
    }

    /** With a SYN of the test's own, which lets the engine send {@code mss} bytes. */
    Flow open(Draft syn, int mss) {
        acceptSynAck(syn, mss);
        make(ACK).send();
        return this;
    }

    /** Sends the SYN and takes the SYN-ACK, without its ACK. */
    Segment acceptSynAck(Draft syn, int mss) {
        sendMss = mss;
        syn.send();
        Segment synAck = next();
        check(synAck.has(SYN | ACK) && !synAck.has(RST), "no SYN-ACK: " + synAck);
        check(synAck.ack() == syn.seq() + 1, "SYN-ACK acknowledges " + synAck.ack());
        sndNxt = syn.seq() + 1;
        agree(synAck);
        return synAck;
    }

    private void agree(Segment synAck) {
        rcvNxt = irs + 1;
        sndScale = synAck.options().scale() >= 0 ? OFFERED_SCALE : 0;
    }

    int fullMss() {
        return isIpv6 ? 1440 : 1460;
    }

    Draft make(int flags) {
        return new Draft(this, flags);
    }

    /** In order, in segments of at most {@value #MAX_TEXT} bytes, with PSH. */
    void sendText(byte[] text) {
        for (int from = 0; from < text.length; from += MAX_TEXT) {
            byte[] part = Arrays.copyOfRange(text, from, Math.min(text.length, from + MAX_TEXT));
            make(PSH | ACK).text(part).send();
            sndNxt += part.length;
        }
    }

    void sendFin() {
        make(FIN | ACK).send();
        sndNxt++;
    }

    void sendAck() {
        make(ACK).send();
    }

    /** Calls it received, up to and with this segment. */
    void take(Segment segment) {
        if (segment.end() - rcvNxt > 0) {
            rcvNxt = segment.end();
        }
    }

    Segment next() {
        return next(SOON_MS);
    }

    Segment next(long timeoutMs) {
        Segment segment = poll(timeoutMs);
        check(segment != null, "nothing came within " + timeoutMs + " ms");
        return segment;
    }

    /** Null if nothing comes. */
    Segment poll(long timeoutMs) {
        try {
            return received.poll(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(failure("interrupted"), e);
        }
    }

    /** A bare ACK. */
    Segment nextAck() {
        Segment segment = next();
        check(segment.flags() == ACK && segment.length() == 0, "no bare ACK: " + segment);
        return segment;
    }

    /** A bare ACK that says where we both are: a challenge, or the answer to what is not acceptable. */
    Segment nextAckOf(int ack) {
        Segment segment = nextAck();
        check(segment.ack() == ack, "ack=" + segment.ack() + " instead of " + ack);
        check(segment.seq() == rcvNxt, "seq=" + segment.seq() + " instead of " + rcvNxt);
        return segment;
    }

    Segment nextReset() {
        Segment segment = next();
        check(segment.has(RST), "no RST: " + segment);
        return segment;
    }

    void nothing(long ms) {
        Segment segment = poll(ms);
        check(segment == null, "came within " + ms + " ms: " + segment);
    }

    /** The next segment with text or FIN; bare ACKs are passed over. */
    Segment nextSequenced() {
        Segment segment = next();
        while (segment.length() == 0) {
            check(!segment.has(RST), "RST");
            segment = next();
        }
        return segment;
    }

    /** So many segments of text, in order and without a gap; nothing is acknowledged. */
    List<Segment> flight(int count) {
        List<Segment> flight = new ArrayList<>();
        while (flight.size() < count) {
            Segment segment = nextSequenced();
            check(segment.seq() == rcvNxt, "a gap, or a retransmission: " + segment);
            take(segment);
            flight.add(segment);
        }
        return flight;
    }

    /** Whatever comes until nothing has come for so long. */
    List<Segment> drain(long quietMs) {
        List<Segment> all = new ArrayList<>();
        Segment segment;
        while ((segment = poll(quietMs)) != null) {
            all.add(segment);
        }
        return all;
    }

    /** So many bytes of text in order, each segment acknowledged at once; bare ACKs are passed over. */
    byte[] readText(int count) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < count) {
            Segment segment = next();
            check(!segment.has(RST), "RST");
            if (segment.length() > 0 && segment.end() - rcvNxt > 0) {
                check(segment.seq() == rcvNxt, "a gap: " + segment + " instead of " + rcvNxt);
                text.writeBytes(segment.text());
                take(segment);
                hasEnded |= segment.has(FIN);
                sendAck();
            }
        }
        return text.toByteArray();
    }

    /** The FIN behind all that was read. */
    void readEnd() {
        while (!hasEnded) {
            Segment segment = nextSequenced();
            if (segment.end() - rcvNxt <= 0) {
                sendAck(); // a probe for the tail, which this host acknowledged late
                continue;
            }
            check(segment.has(FIN) && segment.text().length == 0 && segment.seq() == rcvNxt, "no FIN: " + segment);
            check(segment.ack() == sndNxt, "not all is acknowledged: " + segment);
            take(segment);
            hasEnded = true;
            sendAck();
        }
    }

    /** The connection lives: an echo comes back. */
    void checkAlive() {
        byte[] text = {1, 2, 3, 4, 5};
        sendText(text);
        check(Arrays.equals(readText(text.length), text), "the echo differs");
    }

    void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(failure(message));
        }
    }

    private String failure(String message) {
        synchronized (rules) {
            return message + " (our port " + localPort + ", irs " + Integer.toUnsignedString(irs) + ", iss "
                    + Integer.toUnsignedString(iss) + ")" + transcript;
        }
    }

    void onSent(Draft draft) {
        String names = draft.toString();
        synchronized (rules) {
            rules.onSent(draft.seq() + draft.length(), draft.rightEdge(), (draft.flags() & ACK) != 0);
            note(names);
        }
    }

    /** What went out otherwise than by {@link Draft#send}. */
    void noteSent(int end) {
        synchronized (rules) {
            rules.onSent(end, 0, false);
        }
    }

    void onSentTsVal(int tsVal) {
        synchronized (rules) {
            rules.onSentTsVal(tsVal);
        }
    }

    void onReceived(Segment segment) {
        synchronized (rules) {
            note("> " + segment);
            if (segment.has(SYN)) {
                irs = segment.seq();
            }
            if (segment.has(SYN | ACK)) {
                rcvScale = Math.max(0, segment.options().scale());
                timestampsAreOn = segment.options().hasTimestamps();
                sackIsOn = segment.options().isSackPermitted();
                ecnIsOn = segment.has(ECE);
            }
            if (segment.options().hasTimestamps()) {
                tsRecent = segment.options().tsVal();
            }
            rules.check(segment);
            if (segment.has(ACK)) {
                lastAck = segment.ack();
            }
        }
        received.add(segment);
    }

    private void note(String line) {
        if (transcript.length() < 20_000) {
            transcript
                    .append("\n  ")
                    .append(String.format("%10.3f ms ", (System.nanoTime() - startNs) / 1e6))
                    .append(line);
        }
    }

    /** The next connection of the same ports. */
    void renew(int newIss) {
        synchronized (rules) {
            rules.allowNewConnection();
            iss = newIss;
            sndNxt = newIss;
            timestampsAreOn = false;
            hasEnded = false;
        }
    }

    Key key() {
        return new Key(Key.bytes(local), localPort, remotePort);
    }

    RawWire wire() {
        return wire;
    }

    boolean isIpv6() {
        return isIpv6;
    }

    byte[] local() {
        return local;
    }

    byte[] remote() {
        return RawWire.address(isIpv6 ? TestNetwork.ENGINE_IPV6 : TestNetwork.ENGINE_IPV4);
    }

    int localPort() {
        return localPort;
    }

    int remotePort() {
        return remotePort;
    }

    int iss() {
        return iss;
    }

    int irs() {
        return irs;
    }

    int sndNxt() {
        return sndNxt;
    }

    void sndNxt(int value) {
        sndNxt = value;
    }

    int rcvNxt() {
        return rcvNxt;
    }

    void rcvNxt(int value) {
        rcvNxt = value;
    }

    int window() {
        return window;
    }

    /** The field of what is sent from now on. */
    void window(int value) {
        window = value;
    }

    int sndScale() {
        return sndScale;
    }

    void sndScale(int value) {
        sndScale = value;
    }

    int rcvScale() {
        return rcvScale;
    }

    int sendMss() {
        return sendMss;
    }

    void sendMss(int value) {
        sendMss = value;
    }

    boolean timestampsAreOn() {
        return timestampsAreOn;
    }

    boolean sackIsOn() {
        return sackIsOn;
    }

    boolean ecnIsOn() {
        return ecnIsOn;
    }

    /** A tick a millisecond. */
    int tsVal() {
        return tsBase + (int) ((System.nanoTime() - startNs) / 1_000_000);
    }

    int tsRecent() {
        return tsRecent;
    }

    int nextIpId() {
        return IP_IDS.getAndIncrement();
    }

    /** Ends the connection, wherever it stands, and says what rule the engine broke on it. */
    @Override
    public void close() {
        make(RST).seq(sndNxt).send();
        make(RST).seq(lastAck).send();
        wire.remove(this);
        synchronized (rules) {
            check(rules.violations().isEmpty(), String.join("\n", rules.violations()));
        }
    }
}
