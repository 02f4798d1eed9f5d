package dev.toehold.perf.stress;

import static dev.toehold.abi.QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.RINGS_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.SQ_TAIL_OFFSET;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** The protocols with something taken out. Their failures show that the others can fail. */
public final class MutantStress {
    private MutantStress() {}

    /** Neither side has its full fence: a store may wait in the store buffer while the load behind it is done. x86 shows it. */
    @JCStressTest
    @Outcome(id = "false, true", expect = Expect.FORBIDDEN, desc = "a lost wake-up")
    @Outcome(expect = Expect.ACCEPTABLE, desc = "woken, or awake")
    @State
    public static class NoFence {
        private final MemorySegment memory = QueuePairMemory.create();

        /** The producer. */
        @Actor
        public void client(ZZ_Result result) {
            LONG.setRelease(memory, (long) SQ_TAIL_OFFSET, 1L);
            result.r1 = (long) LONG.getOpaque(memory, (long) ENGINE_NEED_WAKEUP_OFFSET) != 0;
        }

        /** The sleeper. */
        @Actor
        public void engine(ZZ_Result result) {
            LONG.setOpaque(memory, (long) ENGINE_NEED_WAKEUP_OFFSET, 1L);
            result.r2 = (long) LONG.getAcquire(memory, (long) SQ_TAIL_OFFSET) == 0;
        }
    }

    /** Only the producer has its fence. One fence is not enough either. x86 shows it. */
    @JCStressTest
    @Outcome(id = "false, true", expect = Expect.FORBIDDEN, desc = "a lost wake-up")
    @Outcome(expect = Expect.ACCEPTABLE, desc = "woken, or awake")
    @State
    public static class OneFence {
        private final MemorySegment memory = QueuePairMemory.create();

        /** The producer. */
        @Actor
        public void client(ZZ_Result result) {
            LONG.setRelease(memory, (long) SQ_TAIL_OFFSET, 1L);
            VarHandle.fullFence();
            result.r1 = (long) LONG.getOpaque(memory, (long) ENGINE_NEED_WAKEUP_OFFSET) != 0;
        }

        /** The sleeper. */
        @Actor
        public void engine(ZZ_Result result) {
            LONG.setOpaque(memory, (long) ENGINE_NEED_WAKEUP_OFFSET, 1L);
            result.r2 = (long) LONG.getAcquire(memory, (long) SQ_TAIL_OFFSET) == 0;
        }
    }

    /** The tail is a plain store and a plain load. x86 keeps stores in order and loads too, so only the JIT compiler could show it. */
    @JCStressTest
    @Outcome(id = "false", expect = Expect.FORBIDDEN, desc = "an entry that was not written yet")
    @Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "nothing yet, or the whole entry")
    @State
    public static class PlainTail {
        private final MemorySegment memory = QueuePairMemory.create();

        /** The producer. */
        @Actor
        public void client() {
            LONG.set(memory, (long) RINGS_OFFSET, 1L);
            LONG.set(memory, (long) SQ_TAIL_OFFSET, 1L);
        }

        /** The consumer. */
        @Actor
        public void engine(Z_Result result) {
            long tail = (long) LONG.get(memory, (long) SQ_TAIL_OFFSET);
            long entry = (long) LONG.get(memory, (long) RINGS_OFFSET);
            result.r1 = tail == 0 || entry == 1;
        }
    }
}
