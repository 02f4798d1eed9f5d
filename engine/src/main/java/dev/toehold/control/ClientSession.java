package dev.toehold.control;

import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.SeqPacketSocket;
import dev.toehold.session.LcoreSession;
import dev.toehold.session.Session;
import dev.toehold.stack.SessionRecords;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** One control socket and, after HELLO, the session behind it. The control thread's own. */
final class ClientSession {
    /** A group as the client declared it. */
    record Group(int id, int region, long base, int bufferSize, int count) {}

    /** A queue pair: what the lcore holds, its memory, and what the client rings to wake the lcore. */
    record Lane(LcoreSession lcoreSession, Mapping memory, EventFd doorbell) {}

    final long key;
    final SeqPacketSocket socket;
    final PeerCredentials peer;
    final Grant grant;
    final AnswerQueue answers;
    final Map<Integer, RegionMapping> regions = new TreeMap<>();
    final Map<Integer, RegionMapping> removing = new HashMap<>();
    final Map<Integer, Group> groups = new TreeMap<>();
    final Map<Integer, Lane> lanes = new TreeMap<>();

    /** Null before HELLO, and for ever on a socket that only manages. */
    Session session;

    /** Its place in the state file, or {@link SessionRecords#NONE}. */
    int record = SessionRecords.NONE;

    /** It is of an earlier engine, and its client has not named all that it knows. */
    boolean isResuming;

    /** Lcores that still hold something of a session that ends. */
    int lcoresLeft;

    boolean isEnding;
    boolean isReading = true;
    boolean isWriting;

    ClientSession(long key, SeqPacketSocket socket, PeerCredentials peer, Grant grant, AnswerQueue answers) {
        this.key = key;
        this.socket = socket;
        this.peer = peer;
        this.grant = grant;
        this.answers = answers;
    }

    long regionBytes() {
        long sum = 0;
        for (RegionMapping region : regions.values()) {
            sum += region.region().length();
        }
        for (RegionMapping region : removing.values()) {
            sum += region.region().length();
        }
        return sum;
    }

    boolean isGrouped(int region) {
        return groups.values().stream().anyMatch(group -> group.region() == region);
    }

    String describe() {
        String process = "uid=" + peer.uid() + " pid=" + peer.pid();
        return session == null ? process : "session=" + session.id() + " name=" + session.name() + " " + process;
    }
}
