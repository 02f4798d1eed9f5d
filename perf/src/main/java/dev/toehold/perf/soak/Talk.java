package dev.toehold.perf.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** All conversations of one process, a virtual thread each; they can be held between two messages, so that the wire is quiet. */
final class Talk {
    private static final long STRANGER = -1;

    private final Consumer<String> onFailure;
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final AtomicInteger open = new AtomicInteger();
    private final Map<Long, AtomicInteger> broken = new ConcurrentSkipListMap<>();
    private final Object gate = new Object();
    private boolean isHeld;
    private int talking;

    /** @param onFailure told what must not happen */
    Talk(Consumer<String> onFailure) {
        this.onFailure = onFailure;
    }

    /** One end of a connection. */
    interface End extends AutoCloseable {
        InputStream input() throws IOException;

        OutputStream output() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Asks over a connection until the process ends. */
    void startAsking(End end, long tag, long seed) {
        open.incrementAndGet();
        Thread.ofVirtual().start(() -> {
            try (end) {
                Conversation conversation = Conversation.ask(end.input(), end.output(), tag, seed);
                while (true) {
                    enter();
                    try {
                        long before = conversation.bytes();
                        conversation.askOnce();
                        count(conversation.bytes() - before);
                    } finally {
                        leave();
                    }
                }
            } catch (IOException e) {
                onFailure.accept("asking tag=" + tag + " seed=" + seed + ": " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.decrementAndGet();
            }
        });
    }

    /** Answers over a connection until the other side ends. One that breaks is noted under its tag: the other side may have been killed. */
    void startAnswering(End end) {
        open.incrementAndGet();
        Thread.ofVirtual().start(() -> {
            long tag = STRANGER;
            try (end) {
                Conversation conversation = Conversation.hear(end.input(), end.output());
                if (conversation == null) {
                    return;
                }
                tag = conversation.tag();
                boolean isGoingOn = true;
                while (isGoingOn) {
                    long before = conversation.bytes();
                    isGoingOn = conversation.answerOnce();
                    count(conversation.bytes() - before);
                }
            } catch (Conversation.WrongByteException e) {
                onFailure.accept("answering " + e.getMessage());
            } catch (IOException e) {
                if (tag != STRANGER) {
                    broken.computeIfAbsent(tag, key -> new AtomicInteger()).incrementAndGet();
                }
            } finally {
                open.decrementAndGet();
            }
        });
    }

    private void count(long size) {
        messages.increment();
        bytes.add(size);
    }

    private void enter() throws InterruptedException {
        synchronized (gate) {
            while (isHeld) {
                gate.wait();
            }
            talking++;
        }
    }

    private void leave() {
        synchronized (gate) {
            talking--;
            gate.notifyAll();
        }
    }

    /** Lets nobody ask any more and waits until the last answer is there. */
    void hold() throws InterruptedException {
        synchronized (gate) {
            isHeld = true;
            while (talking > 0) {
                gate.wait();
            }
        }
    }

    void release() {
        synchronized (gate) {
            isHeld = false;
            gate.notifyAll();
        }
    }

    /** In the words of {@link TalkReport}. */
    String report() {
        TalkReport report = new TalkReport(messages.sum(), bytes.sum(), open.get(), new ConcurrentSkipListMap<>());
        broken.forEach((tag, count) -> report.broken().put(tag, count.get()));
        return report.toString();
    }
}
