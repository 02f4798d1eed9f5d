package dev.toehold.cli.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Tasks on virtual threads, bounded in time. */
public final class Parallel {
    private Parallel() {}

    /** One task of many. */
    @FunctionalInterface
    public interface Task {
        void run(int index) throws Exception;
    }

    /** Starts {@code count} tasks; the first failure is thrown by {@link Running#await}. */
    static Running start(int count, Task task) {
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        List<Future<?>> futures = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int index = i;
            futures.add(executor.submit(() -> {
                try {
                    task.run(index);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("task " + index + ": " + e, e);
                }
                return null;
            }));
        }
        executor.shutdown();
        return new Running(executor, futures);
    }

    public static void run(int count, long seconds, Task task) throws Exception {
        start(count, task).await(seconds);
    }

    record Running(ExecutorService executor, List<Future<?>> futures) {
        void await(long seconds) throws Exception {
            boolean isEnded = executor.awaitTermination(seconds, TimeUnit.SECONDS);
            long open = futures.stream().filter(future -> !future.isDone()).count();
            executor.shutdownNow();
            try {
                for (Future<?> future : futures) {
                    if (future.isDone() && !future.isCancelled()) {
                        future.get();
                    }
                }
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause().getMessage(), e.getCause());
            }
            if (!isEnded) {
                throw new AssertionError(
                        open + " of " + futures.size() + " tasks did not end within " + seconds + " s");
            }
        }
    }
}
