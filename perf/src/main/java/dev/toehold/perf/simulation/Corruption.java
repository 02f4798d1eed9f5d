package dev.toehold.perf.simulation;

import dev.toehold.net.Ethernet;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Damage that IP's and TCP's checksums must notice: any pattern within one 16-bit word of a packet but all bits at once (0x0000 and 0xFFFF
 * are the same to a ones' complement sum), or an end that is cut off. The Ethernet header is left alone, since it is the frame check
 * sequence of real links that covers it, and so is ARP, which nothing else covers.
 */
final class Corruption {
    private Corruption() {}

    static boolean concerns(byte[] frame) {
        int etherType = Ethernet.etherType(MemorySegment.ofArray(frame), 0);
        return etherType == Ethernet.TYPE_IPV4 || etherType == Ethernet.TYPE_IPV6;
    }

    static byte[] of(byte[] frame, SplittableRandom random) {
        int words = (frame.length - Ethernet.HEADER_LENGTH) / 2;
        if (random.nextInt(8) == 0) {
            return java.util.Arrays.copyOf(frame, frame.length - 1 - random.nextInt(2 * words - 1));
        }
        byte[] damaged = frame.clone();
        int at = Ethernet.HEADER_LENGTH + 2 * random.nextInt(words);
        int pattern = random.nextBoolean() ? 1 << random.nextInt(16) : random.nextInt(1, 0xFFFF);
        damaged[at] ^= (byte) (pattern >>> 8);
        damaged[at + 1] ^= (byte) pattern;
        return damaged;
    }
}
