package dev.toehold.ffi.linux;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * The thread on which {@link Fd#closeAside} closes. Its queue is bounded by what can be in it: no more descriptors than
 * the process may have open.
 */
final class Closer {
    static final Closer INSTANCE = new Closer();

    private final LinkedBlockingQueue<Fd> queue = new LinkedBlockingQueue<>();

    private Closer() {
        Thread.ofPlatform().daemon().name("fd-closer").start(this::run);
    }

    void close(Fd fd) {
        queue.add(fd);
    }

    @SuppressWarnings("InfiniteLoopStatement") // a daemon: it ends with the process
    private void run() {
        while (true) {
            try {
                queue.take().close();
            } catch (InterruptedException | LinuxException e) {
                // Nobody interrupts it; and a descriptor that is gone already is as good as closed.
            }
        }
    }
}
