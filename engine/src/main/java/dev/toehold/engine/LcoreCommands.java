package dev.toehold.engine;

import dev.toehold.stack.Doorbell;
import java.util.concurrent.Executor;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/** Commands from other threads to an lcore: run on it, in order, between two bursts. Control path only: each costs an object. */
public final class LcoreCommands implements Executor {
    private static final int PER_PASS = 16;

    private final ManyToOneConcurrentLinkedQueue<Runnable> queue = new ManyToOneConcurrentLinkedQueue<>();
    private final Doorbell doorbell;

    public LcoreCommands(Doorbell doorbell) {
        this.doorbell = doorbell;
    }

    /** Any thread. What is given to an lcore that has ended never runs. */
    @Override
    public void execute(Runnable command) {
        queue.offer(command);
        doorbell.ring();
    }

    int drain() {
        int count = 0;
        while (count < PER_PASS) {
            Runnable command = queue.poll();
            if (command == null) {
                break;
            }
            command.run();
            count++;
        }
        return count;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }
}
