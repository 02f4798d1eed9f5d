package dev.toehold.net;

/**
 * The keyed hash of a connection's four-tuple, for the demultiplexer's table and the choice of an lcore: SipHash-1-3, so that a
 * peer cannot aim connections at one bucket or one lcore. One instance for one thread; instances of one key agree.
 */
public final class FlowHash {
    private final SipHash hash;

    /** A hash under 128 random bits, to be kept for the life of a table that holds hashes. */
    public FlowHash(long k0, long k1) {
        hash = new SipHash(1, 3, k0, k1);
    }

    /** Hash of a tuple seen from here: not the same with local and remote exchanged. */
    public long hash(long localHi, long localLo, long remoteHi, long remoteLo, int localPort, int remotePort) {
        return hash.hash(localHi, localLo, remoteHi, remoteLo, (localPort << 16) | (remotePort & 0xFFFF));
    }

    /** Hash of a received TCP packet, whose destination is local. */
    public long hash(ParsedPacket packet) {
        return hash(
                packet.destinationHi,
                packet.destinationLo,
                packet.sourceHi,
                packet.sourceLo,
                packet.destinationPort,
                packet.sourcePort);
    }
}
