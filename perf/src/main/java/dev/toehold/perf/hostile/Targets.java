package dev.toehold.perf.hostile;

import java.util.SplittableRandom;

/**
 * Where hostile clients connect to and listen.
 *
 * @param engineAddress the engine's own address, low half of the IPv4-mapped form; its high half is 0
 * @param peerAddress of a host on the wire that sends back what it gets
 * @param peerPort TCP port there
 * @param firstPort the first of {@link #PORTS} TCP ports of the engine on which this process listens
 */
record Targets(long engineAddress, long peerAddress, int peerPort, int firstPort) {
    /** TCP ports of a process. */
    static final int PORTS = 8;

    private static final int VICTIMS_PORT = 7;

    /** One of its own TCP ports, to listen on or to connect to; rarely a victim's, who hangs up on strangers. */
    int port(SplittableRandom random) {
        return random.nextInt(32) == 0 ? VICTIMS_PORT : firstPort + random.nextInt(PORTS);
    }

    /** Low half of an IPv4 address in its IPv4-mapped form. */
    static long ipv4(String text) {
        long address = 0;
        for (String part : text.split("\\.", -1)) {
            address = address << Byte.SIZE | Integer.parseInt(part);
        }
        return 0xffff_0000_0000L | address;
    }
}
