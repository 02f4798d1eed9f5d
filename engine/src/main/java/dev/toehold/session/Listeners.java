package dev.toehold.session;

import dev.toehold.abi.Handle;

/** The listeners that sessions opened on this lcore, by slot. A client that listens on all lcores has one on each. */
final class Listeners {
    private final TcpCommands tcp;
    private final SessionEvents events;
    private final int firstIndex;
    private final LcoreSession.Listener[] bySlot;

    /**
     * @param firstIndex listener index of slot 0
     * @param capacity slots
     */
    Listeners(TcpCommands tcp, SessionEvents events, int firstIndex, int capacity) {
        this.tcp = tcp;
        this.events = events;
        this.firstIndex = firstIndex;
        bySlot = new LcoreSession.Listener[capacity];
        for (int slot = 0; slot < bySlot.length; slot++) {
            bySlot[slot] = new LcoreSession.Listener();
        }
    }

    LcoreSession.Listener open(LcoreSession owner, int listenerIndex, long handle, long userData, int credit) {
        LcoreSession.Listener listener = bySlot[listenerIndex - firstIndex];
        listener.listenerIndex = listenerIndex;
        listener.handle = handle;
        listener.userData = userData;
        listener.owner = owner;
        listener.next = owner.firstListener;
        owner.firstListener = listener;
        owner.listenerCount++;
        listener.credit = credit;
        return listener;
    }

    /** Whether the index of a handle is that of a listener of this lcore. */
    boolean isIndex(int index) {
        int slot = index - firstIndex;
        return slot >= 0 && slot < bySlot.length;
    }

    /** The listener of this session and handle, or null. */
    LcoreSession.Listener find(LcoreSession owner, long handle) {
        int slot = Handle.index(handle) - firstIndex;
        if (slot < 0 || slot >= bySlot.length) {
            return null;
        }
        LcoreSession.Listener listener = bySlot[slot];
        return listener.owner == owner && listener.handle == handle ? listener : null;
    }

    void close(LcoreSession.Listener listener, long nowNs) {
        LcoreSession owner = listener.owner;
        tcp.closeListener(listener.listenerIndex, nowNs);
        events.onListenerClosed(owner.session, listener.handle);
        if (owner.firstListener == listener) {
            owner.firstListener = listener.next;
        } else {
            LcoreSession.Listener before = owner.firstListener;
            while (before.next != listener) {
                before = before.next;
            }
            before.next = listener.next;
        }
        owner.listenerCount--;
        listener.owner = null;
        listener.next = null;
    }

    void announce(LcoreSession.Listener listener, long localHigh, long localLow, int localPort, int backlog) {
        events.onListening(listener.owner.session, listener.handle, localHigh, localLow, localPort, backlog);
    }

    /** The listener of this index, or null if no session has it. */
    LcoreSession.Listener byIndex(int listenerIndex) {
        int slot = listenerIndex - firstIndex;
        return slot >= 0 && slot < bySlot.length && bySlot[slot].owner != null ? bySlot[slot] : null;
    }
}
