package dev.toehold.perf.stress;

import dev.toehold.client.ClientEnd;
import dev.toehold.session.EngineEnd;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The engine completes while a client falls asleep: r1 = the client is woken, r2 = the client sleeps. */
@JCStressTest
@Outcome(id = "false, true", expect = Expect.FORBIDDEN, desc = "a lost wake-up")
@Outcome(expect = Expect.ACCEPTABLE, desc = "woken, or awake")
@State
public class ClientSleepStress {
    private final MemorySegment memory = QueuePairMemory.create();
    private final ClientEnd client = new ClientEnd(memory);
    private final EngineEnd engine = new EngineEnd(memory, QueuePairMemory.ENTRIES);

    /** The producer. */
    @Actor
    public void engine(ZZ_Result result) {
        engine.complete(1);
        result.r1 = engine.wakesClient();
    }

    /** The sleeper. */
    @Actor
    public void client(ZZ_Result result) {
        result.r2 = client.sleeps();
    }
}
