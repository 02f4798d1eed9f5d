package dev.toehold.perf.simulation;

import dev.toehold.tcp.TcpCounters;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Many seeds one after the other, on a few threads, and what they had in common: faults, mechanisms, failures. */
public final class SimulationRun {
    private static final int[] MECHANISMS = {
        TcpCounters.RETRANSMITS,
        TcpCounters.RETRANSMISSION_TIMEOUTS,
        TcpCounters.FAST_RECOVERIES,
        TcpCounters.TAIL_LOSS_PROBES,
        TcpCounters.SPURIOUS_RECOVERIES,
        TcpCounters.OUT_OF_ORDER_IN,
        TcpCounters.PAWS_DROPS,
        TcpCounters.NO_ROOM_DROPS,
        TcpCounters.REASSEMBLY_EXHAUSTED,
        TcpCounters.WINDOW_PROBES_SENT,
        TcpCounters.OUTPUT_STALLS,
        TcpCounters.PMTU_REDUCTIONS,
        TcpCounters.RESETS_IN,
        TcpCounters.CHALLENGE_ACKS_SENT,
    };

    private final FaultCounts faults = new FaultCounts();
    private final Simulation.TcpTotals totals = new Simulation.TcpTotals();
    private final List<SimulationFailure> failures = new ArrayList<>();
    private final int maxFailures;
    private long packets;
    private long seeds;

    /** @param maxFailures the run ends after so many */
    public SimulationRun(int maxFailures) {
        this.maxFailures = maxFailures;
    }

    /** Runs seeds first to first + count - 1; returns whether all were well. */
    public boolean run(long first, long count, int threads) throws InterruptedException {
        AtomicLong next = new AtomicLong(first);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().name("simulation-" + i).start(() -> work(next, first + count)));
        }
        for (Thread worker : workers) {
            worker.join();
        }
        return failures.isEmpty();
    }

    private void work(AtomicLong next, long end) {
        try (Workbench bench = new Workbench()) {
            for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
                one(bench, seed, null);
                if (failureCount() >= maxFailures) {
                    return;
                }
            }
        } catch (RuntimeException | Error e) { // a worker that dies must not look like seeds without a failure
            add(new SimulationFailure("the simulator itself failed: " + e, e));
        }
    }

    /** Runs one seed and writes all its packets. */
    public boolean trace(long seed, OutputStream out) {
        try (Workbench bench = new Workbench()) {
            one(bench, seed, out);
        }
        return failures.isEmpty();
    }

    private void one(Workbench bench, long seed, OutputStream out) {
        Simulation simulation = new Simulation(bench, seed, out);
        try {
            simulation.run();
        } catch (SimulationFailure failure) {
            add(failure);
        }
        synchronized (this) {
            seeds++;
            packets += simulation.packets();
            faults.add(simulation.faults());
            totals.add(simulation.totals());
        }
    }

    private synchronized void add(SimulationFailure failure) {
        failures.add(failure);
    }

    private synchronized int failureCount() {
        return failures.size();
    }

    /** How often each fault struck, in all seeds together. */
    public FaultCounts faults() {
        return faults;
    }

    public List<SimulationFailure> failures() {
        return List.copyOf(failures);
    }

    /** Prints what struck, what answered it, and what failed. */
    public void print(PrintWriter out) {
        out.printf("seeds %d, packets %d, failures %d%n", seeds, packets, failures.size());
        out.println("faults:");
        for (Fault fault : Fault.values()) {
            out.printf("  %-18s %12d%n", fault.word(), faults.of(fault));
        }
        out.println("mechanisms:");
        for (int counter : MECHANISMS) {
            out.printf("  %-32s %12d%n", TcpCounters.name(counter), totals.get(counter));
        }
        for (SimulationFailure failure : failures) {
            out.println();
            out.println(failure.getMessage());
        }
        out.flush();
    }
}
