package dev.toehold.perf;

import dev.toehold.perf.link.ImpairingLink;
import dev.toehold.perf.link.Impairments;
import dev.toehold.perf.link.LinkCounters;
import dev.toehold.perf.link.LinkCounters.Count;
import dev.toehold.perf.peer.LoadResult;
import dev.toehold.perf.rig.Contender;
import dev.toehold.perf.rig.Generator;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.ServerUnderTest;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.rig.UndoStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One bulk connection at a time through an impairing link, the contenders in turns: for every seed, probability of loss and direction
 * first one, then the other, whose n-th segments meet the same fate. Each contender has a testbed, a link and a load generator of its own for
 * the whole run: none sees the other's frames, and all code is warm.
 *
 * @param losses probabilities, of both directions: ACKs are lost like text
 * @param base what else both directions do
 * @param seeds how many; the first is {@code firstSeed}
 */
record LossRounds(
        List<Workload> directions,
        List<Double> losses,
        Impairments base,
        int mtu,
        Placement placement,
        long firstSeed,
        int seeds,
        Duration interval,
        Duration warmUp) {
    static final List<Contender> CONTENDERS = List.of(Contender.KERNEL, Contender.TOEHOLD);

    /** What one contender did under one seed, and what the link did to the direction of the text. */
    record Outcome(
            Workload direction, double loss, long seed, Contender contender, LoadResult result, LinkCounters link) {
        double megabitsPerSecond() {
            return result.gigabitsPerSecond() * 1000;
        }
    }

    private record Side(Testbed testbed, Generator generator, ServerUnderTest server) {}

    /**
     * Runs all of it.
     *
     * @param progress told each outcome at once
     * @throws Exception the first failure: a wrong byte, a connection that ended, a link that dropped what it should not have
     */
    List<Outcome> run(Consumer<Outcome> progress) throws Exception {
        List<Outcome> outcomes = new ArrayList<>();
        try (UndoStack undo = new UndoStack()) {
            Map<Contender, Side> sides = new EnumMap<>(Contender.class);
            for (Contender contender : CONTENDERS) {
                Side side = start(contender, undo);
                sides.put(contender, side);
                // Compiles what the measured transfers need.
                for (Workload direction : directions) {
                    measure(side, direction, base.withLoss(losses.getFirst()), firstSeed);
                }
            }
            for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
                for (double loss : losses) {
                    for (Workload direction : directions) {
                        for (Contender contender : CONTENDERS) {
                            Outcome outcome = turn(sides.get(contender), contender, direction, loss, seed);
                            outcomes.add(outcome);
                            progress.accept(outcome);
                        }
                    }
                }
            }
            for (Side side : sides.values()) {
                side.server().stop();
                side.generator().stop();
            }
        }
        return outcomes;
    }

    private Side start(Contender contender, UndoStack undo) throws Exception {
        Testbed testbed = Testbed.createLinked(undo, placement, mtu);
        ServerUnderTest server = ServerUnderTest.start(testbed, contender, undo);
        return new Side(testbed, Generator.start(testbed), server);
    }

    private Outcome turn(Side side, Contender contender, Workload direction, double loss, long seed) throws Exception {
        LinkCounters before = textDirection(side, direction);
        LoadResult result = measure(side, direction, base.withLoss(loss), seed);
        LinkCounters link = textDirection(side, direction).minus(before);
        if (link.accidents() > 0) {
            throw new IllegalStateException("the link dropped frames that it should not have: " + link);
        }
        if (link.get(Count.TCP_RESETS) > 0) {
            throw new IllegalStateException(contender + ", seed " + seed + ": a connection was reset: " + link);
        }
        return new Outcome(direction, loss, seed, contender, result, link);
    }

    private LoadResult measure(Side side, Workload direction, Impairments impairments, long seed) throws Exception {
        side.testbed().link().impair(impairments, impairments, seed);
        try {
            return side.generator().measure(direction.word(), side.server().address(), 1, warmUp, interval);
        } finally {
            side.testbed().link().impair(Impairments.NONE, Impairments.NONE, seed);
        }
    }

    /** The link's left end is the server's. */
    private static LinkCounters textDirection(Side side, Workload direction) {
        ImpairingLink link = side.testbed().link();
        return direction == Workload.BULK_OUT ? link.leftToRight() : link.rightToLeft();
    }
}
