package dev.toehold.net;

/**
 * The hash by which network cards spread what they receive over their queues (receive side scaling): for each bit of the input that is
 * set, the 32 bits of the key that begin there, all added without carries. The input is source address, destination address, source
 * port, destination port, as they stand in the packet.
 *
 * <p>It is linear: who sees many of its values learns the key. So it chooses queues and lcores, as the card does, and no slot of a table.
 *
 * <p>Immutable, for any thread. The sums for all values of each input byte are made beforehand.
 */
public final class ToeplitzHash {
    /** Bytes of key that the longest input needs: two IPv6 addresses and two ports, and 32 bits beyond. */
    public static final int KEY_LENGTH = 40;

    private static final int INPUT_LENGTH = KEY_LENGTH - Integer.BYTES;
    private static final int VALUES = 1 << Byte.SIZE;

    private final int[] sums = new int[INPUT_LENGTH * VALUES];

    /** @param key at least {@link #KEY_LENGTH} bytes, of which that many count */
    public ToeplitzHash(byte[] key) {
        if (key.length < KEY_LENGTH) {
            throw new IllegalArgumentException("key.length=" + key.length + " must be " + KEY_LENGTH + " or more");
        }
        for (int position = 0; position < INPUT_LENGTH; position++) {
            long window = 0;
            for (int i = 0; i <= Integer.BYTES; i++) {
                window = window << Byte.SIZE | Byte.toUnsignedLong(key[Math.min(position + i, key.length - 1)]);
            }
            for (int value = 0; value < VALUES; value++) {
                int sum = 0;
                for (int bit = 0; bit < Byte.SIZE; bit++) {
                    if ((value & 0x80 >>> bit) != 0) {
                        sum ^= (int) (window >>> (Byte.SIZE - bit));
                    }
                }
                sums[position * VALUES + value] = sum;
            }
        }
    }

    /** Hash of a received TCP packet; IPv4 addresses in their v4-mapped form are hashed as the four bytes that they have on the wire. */
    public int hash(
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int sourcePort,
            int destinationPort) {
        int sum;
        int position;
        if (IpAddress.isIpv4(sourceHigh, sourceLow)) {
            sum = add(0, sourceLow, Integer.BYTES) ^ add(Integer.BYTES, destinationLow, Integer.BYTES);
            position = 2 * Integer.BYTES;
        } else {
            sum = add(0, sourceHigh, Long.BYTES)
                    ^ add(Long.BYTES, sourceLow, Long.BYTES)
                    ^ add(2 * Long.BYTES, destinationHigh, Long.BYTES)
                    ^ add(3 * Long.BYTES, destinationLow, Long.BYTES);
            position = 4 * Long.BYTES;
        }
        return sum ^ add(position, sourcePort, Short.BYTES) ^ add(position + Short.BYTES, destinationPort, Short.BYTES);
    }

    /** The last {@code length} bytes of a word, from an input position on. */
    private int add(int position, long word, int length) {
        int sum = 0;
        int at = position * VALUES;
        for (int shift = (length - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            sum ^= sums[at + ((int) (word >>> shift) & 0xFF)];
            at += VALUES;
        }
        return sum;
    }
}
