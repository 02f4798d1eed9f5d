package dev.toehold.engine;

import dev.toehold.port.PacketPort;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the engine lives and serves: each thread that must answer is asked to. One that does not is asked once and no more, however often
 * somebody looks. Any thread.
 */
final class HealthCheck {
    private final long patienceNs;
    private final List<Asked> asked = new ArrayList<>();
    private final List<? extends PacketPort> ports;

    /** A thread, and the question that it has not answered yet. */
    private static final class Asked {
        private final String name;
        private final Executor executor;
        private CompletableFuture<Void> answer;

        Asked(String name, Executor executor) {
            this.name = name;
            this.executor = executor;
        }

        synchronized CompletableFuture<Void> ask() {
            if (answer == null || answer.isDone()) {
                CompletableFuture<Void> next = new CompletableFuture<>();
                answer = next;
                executor.execute(() -> next.complete(null));
            }
            return answer;
        }
    }

    /**
     * @param lcores run commands on their threads
     * @param control runs them on the control thread
     * @param patienceNs how long an answer may take
     */
    HealthCheck(List<? extends Executor> lcores, Executor control, List<? extends PacketPort> ports, long patienceNs) {
        for (int i = 0; i < lcores.size(); i++) {
            asked.add(new Asked("lcore " + i, lcores.get(i)));
        }
        asked.add(new Asked("the control thread", control));
        this.ports = ports;
        this.patienceNs = patienceNs;
    }

    /** Empty if every thread answers, else which one does not. */
    String health() {
        List<CompletableFuture<Void>> answers = asked.stream().map(Asked::ask).toList();
        long endNs = System.nanoTime() + patienceNs;
        for (int i = 0; i < answers.size(); i++) {
            try {
                answers.get(i).get(Math.max(0, endNs - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return asked.get(i).name + " has not answered for " + TimeUnit.NANOSECONDS.toMillis(patienceNs) + " ms";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "the engine ends";
            } catch (ExecutionException e) {
                throw new IllegalStateException(e); // nothing completes it that way
            }
        }
        return "";
    }

    /** Empty if the engine lives and every port has its link, else what is missing. */
    String readiness() {
        for (PacketPort port : ports) {
            if (!port.link().up()) {
                return "port " + port.adapter().device() + " has no link";
            }
        }
        return health();
    }
}
