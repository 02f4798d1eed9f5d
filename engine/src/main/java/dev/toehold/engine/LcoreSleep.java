package dev.toehold.engine;

import dev.toehold.control.ClientDoorbells;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.port.PacketPort;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.LcorePort;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * How an lcore sleeps: on the wake descriptors of the queues that it polls, its doorbell and those of its clients, until the next
 * deadline. Doorbells are edge-triggered, because nobody here reads them (a client holds its own): each ring wakes once. Descriptors of
 * ports are level-triggered, so a packet that came before the sleep ends it at once; everything that lies in memory is looked at once
 * more by the agent, between {@link Doorbell#arm} and {@link #await}.
 */
final class LcoreSleep implements ClientDoorbells, AutoCloseable {
    private static final long DOORBELL = -1;
    /** Data of a client's doorbell: this and its session's id. */
    private static final long CLIENT = 1L << 32;

    private final Doorbell doorbell;
    private final List<LcorePort> ports = new ArrayList<>();
    private final Epoll epoll;
    private final boolean isPossible;
    private final IntConsumer onClientRing;
    private final Runnable onPacket;
    private boolean isClosed;

    /**
     * Both are told on the lcore's thread.
     *
     * @param onClientRing told the session whose client has ended a sleep
     * @param onPacket told that a packet has
     */
    LcoreSleep(Doorbell doorbell, List<LcorePort> allPorts, IntConsumer onClientRing, Runnable onPacket) {
        this.doorbell = doorbell;
        this.onClientRing = onClientRing;
        this.onPacket = onPacket;
        boolean isEveryPortAwake = true;
        for (LcorePort port : allPorts) {
            if (port.rxQueue() != LcorePort.NONE) {
                ports.add(port);
                isEveryPortAwake &= port.port().wakeFd(port.rxQueue()) != PacketPort.NO_WAKE_FD;
            }
        }
        isPossible = isEveryPortAwake;
        epoll = Epoll.create(ports.size() + 1);
        epoll.add(doorbell.eventFd().fd(), Epoll.IN | Epoll.ET, DOORBELL);
        if (isPossible) {
            for (int i = 0; i < ports.size(); i++) {
                LcorePort port = ports.get(i);
                epoll.add(port.port().wakeFd(port.rxQueue()), Epoll.IN, i);
            }
        }
    }

    /** Whether every queue that the lcore polls can wake it; otherwise it must go on polling. */
    boolean isPossible() {
        return isPossible;
    }

    @Override
    public synchronized void add(EventFd doorbell, int sessionId) {
        if (!isClosed) {
            epoll.add(doorbell.fd(), Epoll.IN | Epoll.ET, CLIENT | sessionId);
        }
    }

    @Override
    public synchronized void remove(EventFd doorbell) {
        if (!isClosed) {
            epoll.remove(doorbell.fd());
        }
    }

    /**
     * Sleeps at most so long, {@link Epoll#FOREVER} without limit; {@link Doorbell#arm} came before.
     *
     * @return descriptors that ended the sleep
     */
    int await(long timeoutNs) {
        int count = epoll.await(timeoutNs);
        boolean isPacket = false;
        for (int i = 0; i < count; i++) {
            long source = epoll.data(i);
            if (source >= CLIENT) {
                onClientRing.accept((int) source);
            } else if (source >= 0 && (epoll.events(i) & Epoll.ERR) != 0) {
                LcorePort port = ports.get((int) source);
                int _ = port.port().takeWakeError(port.rxQueue());
            } else if (source >= 0) {
                isPacket = true;
            }
        }
        if (isPacket) {
            onPacket.run();
        }
        return count;
    }

    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (isPossible) {
            for (LcorePort port : ports) {
                epoll.remove(port.port().wakeFd(port.rxQueue()));
            }
        }
        epoll.remove(doorbell.eventFd().fd());
        epoll.close();
    }
}
