package dev.toehold.perf.simulation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulator is itself tested: bugs of the kind that it is for are planted one by one, and few seeds must find each. */
@Timeout(600)
class SeededBugsTest {
    private static final int MAX_SEEDS = 150;
    private static final int FIN = 0x01;
    private static final ClassDesc TCB = ClassDesc.of("dev.toehold.tcp.Tcb");
    private static final MethodTypeDesc LONG_GETTER = MethodTypeDesc.of(ConstantDescs.CD_long);

    private static Stream<SeededBug> bugs() {
        return Stream.of(
                SeededBug.before(
                        "SACK blocks end a byte too late",
                        "dev.toehold.tcp.ReassemblyRanges",
                        "put",
                        code -> code.lload(5).lconst_1().ladd().lstore(5)),
                SeededBug.constant("no PAWS", "dev.toehold.tcp.Timestamps", "isOldDuplicate", 0),
                SeededBug.argument(
                        "acknowledged, but placed nowhere", "dev.toehold.placement.ReceiveBindings", "place", 7),
                SeededBug.constant(
                        "acknowledged before the completion is published",
                        "dev.toehold.session.LcoreSessions",
                        "publish",
                        0),
                SeededBug.result(
                        "the window shrinks",
                        "dev.toehold.tcp.WindowUpdate",
                        "select",
                        code -> code.loadConstant(~7).iand()),
                SeededBug.before("a FIN is sent once only", "dev.toehold.tcp.Output", "send", code -> {
                    Label end = code.newLabel();
                    code.aload(1)
                            .invokevirtual(TCB, "finSent", LONG_GETTER)
                            .lconst_0()
                            .lcmp()
                            .iflt(end)
                            .iload(5)
                            .loadConstant(~FIN)
                            .iand()
                            .istore(5)
                            .labelBinding(end);
                }),
                SeededBug.skip("no zero-window probe", "dev.toehold.tcp.Persist", "onTimeout"),
                SeededBug.skip("no retransmission timeout", "dev.toehold.tcp.Retransmission", "onTimeout"),
                SeededBug.skip("the scoreboard survives a timeout", "dev.toehold.tcp.Rack", "markLostOnTimeout"),
                SeededBug.constant(
                        "placed again over what is there", "dev.toehold.tcp.ReassemblyRanges", "firstEndingAfter", -1),
                SeededBug.constant(
                        "segments outside the window pass", "dev.toehold.tcp.SegmentArrives", "checkSequenceNumber", 1),
                SeededBug.constant("packet too big is ignored", "dev.toehold.tcp.PathMtu", "reduce", 0),
                SeededBug.result(
                        "SENDs complete a byte too early",
                        "dev.toehold.tcp.Tcb",
                        "acknowledgedPosition",
                        code -> code.lconst_1().ladd()),
                SeededBug.constant(
                        "TCP checksums are not verified", "dev.toehold.net.InternetChecksum", "isTransportValid", 1),
                SeededBug.skip("a timer is not armed", "dev.toehold.stack.TimerWheel", "armNoLaterThan"),
                SeededBug.skip("a SEND completion is lost", "dev.toehold.placement.SendQueue", "acknowledge"),
                SeededBug.skip("a region keeps its references", "dev.toehold.placement.RegionTable", "release"),
                SeededBug.skip("a completion slot is lost", "dev.toehold.session.EngineQueuePair", "release"),
                SeededBug.constant(
                        "the client is not woken", "dev.toehold.session.EngineQueuePair", "takeClientWakeup", 0),
                SeededBug.constant("the engine is not woken", "dev.toehold.client.ClientQueuePair", "takeDoorbell", 0),
                SeededBug.before(
                        "consumed bytes are counted twice",
                        "dev.toehold.client.QueuePairCore",
                        "submitConsumed",
                        code -> code.lload(3).lload(3).ladd().lstore(3)),
                SeededBug.skip(
                        "a buffer is lent again while it is read",
                        "dev.toehold.client.ProvidedBuffers",
                        "onDelivered"));
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void shouldFind(SeededBug bug) throws ReflectiveOperationException {
        SeededBugLoader loader = new SeededBugLoader(bug);
        Class<?> runType = loader.loadClass(SimulationRun.class.getName());
        Object run = runType.getConstructor(int.class).newInstance(1);
        boolean isGood = (boolean)
                runType.getMethod("run", long.class, long.class, int.class).invoke(run, 1L, (long) MAX_SEEDS, 1);
        assertTrue(loader.isPlanted(), "no seed touches " + bug.className());
        assertFalse(isGood, () -> MAX_SEEDS + " seeds did not find: " + bug);
        List<?> failures = (List<?>) runType.getMethod("failures").invoke(run);
        String found = ((Throwable) failures.getFirst()).getMessage();
        System.out.println(bug + " -> " + found.lines().findFirst().orElse(""));
        assertFalse(found.startsWith("the simulator itself failed"), found);
    }
}
