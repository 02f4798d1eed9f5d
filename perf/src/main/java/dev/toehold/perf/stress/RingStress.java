package dev.toehold.perf.stress;

import dev.toehold.client.ClientEnd;
import dev.toehold.session.EngineEnd;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Whoever sees a tail sees the whole entry before it: submissions and buffers one way, completions the other, at once. */
@JCStressTest
@Outcome(id = "(0|7), (0|9), (0|8)", expect = Expect.ACCEPTABLE, desc = "nothing yet, or the whole entry")
@Outcome(expect = Expect.FORBIDDEN, desc = "an entry that was not written yet")
@State
public class RingStress {
    private static final int SUBMITTED = 7;
    private static final int COMPLETED = 8;
    private static final int LENT = 9;

    private final MemorySegment memory = QueuePairMemory.create();
    private final ClientEnd client = new ClientEnd(memory);
    private final EngineEnd engine = new EngineEnd(memory, QueuePairMemory.ENTRIES);

    /** Submits and lends, then looks for the completion. */
    @Actor
    public void client(III_Result result) {
        client.submit(SUBMITTED);
        client.lend(LENT);
        result.r3 = client.completed(COMPLETED);
    }

    /** Completes, then looks for the submission and the buffer. */
    @Actor
    public void engine(III_Result result) {
        engine.complete(COMPLETED);
        result.r1 = engine.submitted(SUBMITTED);
        result.r2 = engine.lent(LENT);
    }
}
