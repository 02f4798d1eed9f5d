package dev.toehold.engine;

import dev.toehold.ffi.linux.Epoll;
import dev.toehold.port.PacketPort;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.LcorePort;
import java.util.ArrayList;
import java.util.List;

/**
 * How an lcore sleeps: on the wake descriptors of the queues that it polls and its doorbell, until the next deadline. Descriptors of
 * ports are level-triggered, so a packet that came before the sleep ends it at once; everything that lies in memory is looked at once
 * more by the agent, between {@link Doorbell#arm} and {@link #await}.
 */
final class LcoreSleep implements AutoCloseable {
    private static final long DOORBELL = -1;

    private final Doorbell doorbell;
    private final List<LcorePort> ports = new ArrayList<>();
    private final Epoll epoll;
    private final boolean isPossible;

    LcoreSleep(Doorbell doorbell, List<LcorePort> allPorts) {
        this.doorbell = doorbell;
        boolean isEveryPortAwake = true;
        for (LcorePort port : allPorts) {
            if (port.rxQueue() != LcorePort.NONE) {
                ports.add(port);
                isEveryPortAwake &= port.port().wakeFd(port.rxQueue()) != PacketPort.NO_WAKE_FD;
            }
        }
        isPossible = isEveryPortAwake;
        epoll = Epoll.create(ports.size() + 1);
        epoll.add(doorbell.eventFd().fd(), Epoll.IN, DOORBELL);
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

    /** Sleeps at most so long, {@link Epoll#FOREVER} without limit; {@link Doorbell#arm} came before. */
    void await(long timeoutNs) {
        int count = epoll.await(timeoutNs);
        for (int i = 0; i < count; i++) {
            long source = epoll.data(i);
            if (source != DOORBELL && (epoll.events(i) & Epoll.ERR) != 0) {
                LcorePort port = ports.get((int) source);
                int _ = port.port().takeWakeError(port.rxQueue());
            }
        }
    }

    @Override
    public void close() {
        if (isPossible) {
            for (LcorePort port : ports) {
                epoll.remove(port.port().wakeFd(port.rxQueue()));
            }
        }
        epoll.remove(doorbell.eventFd().fd());
        epoll.close();
    }
}
