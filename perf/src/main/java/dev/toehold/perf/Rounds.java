package dev.toehold.perf;

import dev.toehold.perf.Measurements.Cell;
import dev.toehold.perf.Measurements.Measurement;
import dev.toehold.perf.peer.LoadResult;
import dev.toehold.perf.rig.Contender;
import dev.toehold.perf.rig.Generator;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.ServerUnderTest;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.rig.UndoStack;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs the contenders in turns, A B A B, each with every workload in its turn, on one link and against one load generator.
 *
 * @param rounds turns of each contender
 * @param interval measured time of each workload
 * @param warmUp time before it, not measured: a contender's processes are new in each turn, and have code to compile
 */
record Rounds(
        List<Workload> workloads,
        List<Contender> contenders,
        Placement placement,
        int rounds,
        Duration interval,
        Duration warmUp) {
    /**
     * Runs all of it.
     *
     * @param progress told each result at once
     * @throws Exception the first failure, such as a wrong byte: there is no figure of a run that failed
     */
    Measurements run(Consumer<Measurement> progress) throws Exception {
        Measurements measurements = new Measurements();
        try (UndoStack undo = new UndoStack()) {
            Testbed testbed = Testbed.create(undo, placement);
            Generator generator = Generator.start(testbed);
            for (int round = 1; round <= rounds; round++) {
                for (Contender contender : contenders) {
                    takeTurn(testbed, generator, round, contender, measurement -> {
                        measurements.add(measurement);
                        progress.accept(measurement);
                    });
                }
            }
            generator.stop();
        }
        return measurements;
    }

    private void takeTurn(
            Testbed testbed, Generator generator, int round, Contender contender, Consumer<Measurement> sink)
            throws Exception {
        try (UndoStack undo = new UndoStack()) {
            ServerUnderTest server = ServerUnderTest.start(testbed, contender, undo);
            for (Workload workload : workloads) {
                for (int connections : workload.connectionCounts()) {
                    LoadResult result =
                            generator.measure(workload.word(), server.address(), connections, warmUp, interval);
                    sink.accept(new Measurement(round, contender, new Cell(workload, connections), result));
                }
            }
            server.stop();
        }
    }
}
