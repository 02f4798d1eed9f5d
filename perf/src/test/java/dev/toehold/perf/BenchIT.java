package dev.toehold.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.perf.Measurements.Measurement;
import dev.toehold.perf.rig.Contender;
import dev.toehold.perf.rig.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole of a short benchmark: that it runs and compares, not what it measures. */
class BenchIT {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int REPORT_BYTES = 2 * Long.BYTES;
    private static final Path NAMESPACES = Path.of("/run/netns");

    @AfterEach
    void nothingShouldBeLeft() throws IOException {
        String prefix = "toehold-bench-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> names = Files.list(NAMESPACES)) {
            assertEquals(
                    List.of(),
                    names.filter(path -> path.getFileName().toString().startsWith(prefix))
                            .toList());
        }
        assertEquals(
                0,
                ProcessHandle.current()
                        .children()
                        .filter(ProcessHandle::isAlive)
                        .count());
    }

    private static Measurements run(List<Workload> workloads, List<Contender> contenders) throws Exception {
        return new Rounds(workloads, contenders, Placement.byDefault(), 1, INTERVAL, INTERVAL).run(measurement -> {});
    }

    @Test
    void shouldMeasureTheKernelByEveryWorkload() throws Exception {
        Measurements measurements =
                run(List.of(Workload.values()), List.of(Contender.KERNEL, Contender.KERNEL_OFFLOADS));
        assertEquals(2 * 6, measurements.all().size());
        for (Measurement measurement : measurements.all()) {
            assertTrue(measurement.result().bytes() > 0, measurement.toString());
        }
    }

    @Test
    void shouldMeasureTheEngineNextToTheKernel() throws Exception {
        Measurements measurements =
                run(List.of(Workload.REQUEST_RESPONSE), List.of(Contender.KERNEL, Contender.TOEHOLD));
        assertEquals(2 * 2, measurements.all().size());
        for (Measurement measurement : measurements.all()) {
            assertTrue(measurement.result().operations() > 0, measurement.toString());
        }
        for (Measurements.Cell cell : measurements.cells()) {
            double[] ratios =
                    measurements.ratios(cell, Contender.TOEHOLD, Contender.KERNEL, Workload.Metric.OPERATIONS);
            assertEquals(1, ratios.length);
        }
    }

    @Test
    void shouldCopyEachByteOnceInTheEngineAndInTheClientForStreamsAlone() throws Exception {
        CopyRounds run = new CopyRounds(Placement.byDefault(), 1, INTERVAL, INTERVAL);
        run.run(figure -> assertTrue(figure.bytes() > 0, figure.toString()));
        for (CopyRounds.Use use : CopyRounds.Use.values()) {
            CopyRounds.Figure figure =
                    run.figures(use, CopyRounds.Receiver.DIRECT).getFirst();
            assertCopies(figure, 0);
            assertTrue(figure.cpuMs() > 0 && figure.engineMs() > 0, figure.toString());
            assertTrue(run.figures(use, CopyRounds.Receiver.KERNEL).getFirst().cpuMs() > 0);
            assertEquals(1, run.ratios(use, CopyRounds.Receiver.DIRECT).length);
        }
        CopyRounds.Figure streams =
                run.figures(CopyRounds.Use.SUMMED, CopyRounds.Receiver.STREAMS).getFirst();
        assertCopies(streams, streams.bytes());
    }

    /** The hello of {@code sum} is not among the delivered bytes, but is copied likewise; so is the report by a stream's writer. */
    private static void assertCopies(CopyRounds.Figure figure, long copiedBytes) {
        long hello = figure.use() == CopyRounds.Use.SUMMED ? Long.BYTES : 0;
        assertEquals(figure.bytes() + hello, figure.placedBytes(), "copied by the engine");
        assertEquals(0, figure.movedBytes(), "moved again by the engine");
        assertEquals(
                copiedBytes == 0 ? 0 : copiedBytes + hello + REPORT_BYTES,
                figure.copiedBytes(),
                "copied by the client");
    }

    @Test
    void shouldPlaceAndSendEveryByteOfBulkTransfersRight() throws Exception {
        Measurements measurements = run(List.of(Workload.BULK_IN, Workload.BULK_OUT), List.of(Contender.TOEHOLD));
        for (Measurement measurement : measurements.all()) {
            assertTrue(measurement.result().bytes() > 0, measurement.toString());
        }
    }
}
