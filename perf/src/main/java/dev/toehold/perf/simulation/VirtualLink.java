package dev.toehold.perf.simulation;

import dev.toehold.net.Ethernet;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** A seeded link between two ports. What becomes of a frame is decided when it is sent. */
final class VirtualLink {
    /** Takes what arrives. */
    @FunctionalInterface
    interface Receiver {
        void receive(int side, byte[] frame);
    }

    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Packet(long atNs, long order, int destination, byte[] frame) {}

    /** A burst of losses ends by time too, or it would swallow a whole backed-off series of retransmissions. */
    private static final long MAX_BURST_NS = 50_000_000;

    private static final int MAX_BURST = 12;
    private static final long BITS_PER_NS = 8_000_000_000L;

    private final SplittableRandom random;
    private final LinkPlan plan;
    private final FaultCounts faults;
    private final PacketTrace trace;
    private final OldDuplicates oldDuplicates;
    private final PriorityQueue<Packet> inFlight =
            new PriorityQueue<>(Comparator.comparingLong(Packet::atNs).thenComparingLong(Packet::order));
    private final long[] lastAtNs = new long[2];
    private final long[] idleAtNs = new long[2];
    private int mtu;
    private int nextStep;
    private long silentUntilNs;
    private long downUntilNs;
    private long order;
    private int burstLeft;
    private long burstEndNs;
    private long carried;
    private boolean isFaulty;

    VirtualLink(SplittableRandom random, LinkPlan plan, int mtu, FaultCounts faults, PacketTrace trace) {
        this.random = random;
        this.plan = plan;
        this.mtu = mtu;
        this.faults = faults;
        this.trace = trace;
        oldDuplicates = new OldDuplicates(random);
    }

    /** Faults begin when the hosts are up. */
    void begin() {
        isFaulty = true;
    }

    long carried() {
        return carried;
    }

    /** Until then nothing can have arrived, whatever was sent. */
    long troubleUntilNs() {
        return Math.max(downUntilNs, silentUntilNs);
    }

    void send(int from, byte[] frame, long nowNs) {
        if (!isFaulty) {
            arrive(1 - from, frame, nowNs + plan.delayNs());
            trace.sent(from, frame, nowNs, "");
            return;
        }
        carried++;
        step(nowNs);
        Fault loss = loss(nowNs);
        if (loss == null && frame.length - Ethernet.HEADER_LENGTH > mtu && TooBig.concerns(frame)) {
            loss = nowNs < silentUntilNs ? Fault.BLACK_HOLE : Fault.TOO_BIG;
            if (loss == Fault.TOO_BIG) {
                byte[] error = TooBig.answer(frame, mtu);
                trace.sent(1 - from, error, nowNs, "from the router");
                arrive(from, error, nowNs + plan.delayNs());
            }
        }
        long departureNs = loss == null && plan.bitsPerSecond() > 0 ? departure(from, frame.length, nowNs) : nowNs;
        if (departureNs < 0) {
            loss = Fault.QUEUE_OVERFLOW;
        }
        if (loss != null) {
            faults.strike(loss);
            trace.sent(from, frame, nowNs, loss.word());
            return;
        }
        carry(1 - from, frame, departureNs, nowNs);
    }

    /** What the plan wants from this packet on. */
    private void step(long nowNs) {
        if (nextStep < plan.mtuSteps().size()
                && carried >= plan.mtuSteps().get(nextStep).after()) {
            mtu = plan.mtuSteps().get(nextStep).mtu();
            silentUntilNs = nowNs + plan.mtuSteps().get(nextStep).silentNs();
            nextStep++;
            faults.strike(Fault.MTU_CHANGE);
        }
        if (carried == plan.outageAfter()) {
            downUntilNs = nowNs + plan.outageNs();
        }
    }

    private Fault loss(long nowNs) {
        if (nowNs < downUntilNs) {
            return Fault.OUTAGE;
        }
        if (burstLeft > 0 && nowNs < burstEndNs) {
            burstLeft--;
            return Fault.BURST_LOSS;
        }
        if (plan.burst() > 0 && random.nextDouble() < plan.burst()) {
            burstLeft = random.nextInt(1, MAX_BURST);
            burstEndNs = nowNs + MAX_BURST_NS;
            return Fault.BURST_LOSS;
        }
        return plan.loss() > 0 && random.nextDouble() < plan.loss() ? Fault.LOSS : null;
    }

    /** When the last bit has left; -1 = the queue is full. */
    private long departure(int from, int length, long nowNs) {
        long beginNs = Math.max(nowNs, idleAtNs[from]);
        if ((beginNs - nowNs) * plan.bitsPerSecond() / BITS_PER_NS > plan.queueBytes()) {
            return -1;
        }
        idleAtNs[from] = beginNs + length * BITS_PER_NS / plan.bitsPerSecond();
        return idleAtNs[from];
    }

    private void carry(int destination, byte[] frame, long departureNs, long nowNs) {
        String fate = "";
        byte[] bytes = frame;
        if (plan.corrupt() > 0 && random.nextDouble() < plan.corrupt() && Corruption.concerns(frame)) {
            bytes = Corruption.of(frame, random);
            faults.strike(Fault.CORRUPTION);
            fate += " corrupted";
        }
        long atNs = departureNs + plan.delayNs();
        if (plan.jitterNs() > 0) {
            atNs += random.nextLong(plan.jitterNs());
            faults.strike(Fault.JITTER);
        }
        if (plan.reorder() > 0 && random.nextDouble() < plan.reorder()) {
            atNs += random.nextLong(1, 4 * plan.delayNs() + 2);
            faults.strike(Fault.REORDERING);
            fate += " held back";
        } else {
            atNs = Math.max(atNs, lastAtNs[destination]);
            lastAtNs[destination] = atNs;
        }
        arrive(destination, bytes, atNs);
        if (plan.duplicate() > 0 && random.nextDouble() < plan.duplicate()) {
            faults.strike(Fault.DUPLICATION);
            fate += " duplicated";
            arrive(destination, bytes, atNs + random.nextLong(2 * plan.delayNs() + 1));
        }
        if (plan.oldDuplicate() > 0 && random.nextDouble() < plan.oldDuplicate()) {
            byte[] old = oldDuplicates.of(frame);
            if (old != null) {
                faults.strike(Fault.OLD_DUPLICATE);
                trace.sent(1 - destination, old, nowNs, "old duplicate");
                arrive(destination, old, atNs + random.nextLong(2 * plan.delayNs() + 1));
            }
        }
        trace.sent(1 - destination, frame, nowNs, fate.strip());
    }

    private void arrive(int destination, byte[] frame, long atNs) {
        inFlight.add(new Packet(atNs, order, destination, frame));
        order++;
    }

    /** When the next frame arrives; Long.MAX_VALUE = none is on its way. */
    long nextNs() {
        Packet packet = inFlight.peek();
        return packet == null ? Long.MAX_VALUE : packet.atNs;
    }

    /** Delivers what has arrived by now. */
    void deliver(long nowNs, Receiver receiver) {
        while (nextNs() <= nowNs) {
            Packet packet = inFlight.remove();
            receiver.receive(packet.destination, packet.frame);
        }
    }
}
