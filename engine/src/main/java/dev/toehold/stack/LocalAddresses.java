package dev.toehold.stack;

import dev.toehold.net.IpAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The engine's own addresses, at most {@link #MAX_ADDRESSES}: fixed at start, shared by all lcores. Only the state of duplicate
 * address detection changes; the lcore that answers for the port is its one writer.
 */
public final class LocalAddresses {
    public static final int MAX_ADDRESSES = 64;
    public static final int NONE = -1;

    /** Not ours yet: neither answered for nor used (RFC 4862 section 5.4). */
    public static final int TENTATIVE = 0;

    public static final int USABLE = 1;

    /** Somebody else has it: never used. */
    public static final int DUPLICATE = 2;

    private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(int[].class);

    /**
     * An address of a port.
     *
     * @param high upper half, IPv4 in mapped form
     * @param prefixLength of the address's own family: 0 to 32 or 0 to 128
     */
    public record Entry(int portIndex, long high, long low, int prefixLength) {}

    private final int[] portIndex;
    private final long[] high;
    private final long[] low;
    private final int[] prefixLength;
    private final int[] state;

    /** IPv4 addresses begin as usable, IPv6 addresses as tentative. */
    public LocalAddresses(List<Entry> entries) {
        int size = entries.size();
        if (size > MAX_ADDRESSES) {
            throw new IllegalArgumentException("addresses=" + size + ", allowed: at most " + MAX_ADDRESSES);
        }
        portIndex = new int[size];
        high = new long[size];
        low = new long[size];
        prefixLength = new int[size];
        state = new int[size];
        for (int i = 0; i < size; i++) {
            Entry entry = entries.get(i);
            portIndex[i] = entry.portIndex();
            high[i] = entry.high();
            low[i] = entry.low();
            prefixLength[i] =
                    IpAddress.isIpv4(entry.high(), entry.low()) ? entry.prefixLength() + 96 : entry.prefixLength();
            state[i] = IpAddress.isIpv4(entry.high(), entry.low()) ? USABLE : TENTATIVE;
        }
    }

    public int size() {
        return high.length;
    }

    public int portIndex(int index) {
        return portIndex[index];
    }

    public long high(int index) {
        return high[index];
    }

    public long low(int index) {
        return low[index];
    }

    /** Bits of the 128-bit form: an IPv4 prefix counts 96 more. */
    public int prefixLength(int index) {
        return prefixLength[index];
    }

    /** {@link #TENTATIVE}, {@link #USABLE} or {@link #DUPLICATE}. */
    public int stateAcquire(int index) {
        return (int) STATE.getAcquire(state, index);
    }

    public void stateRelease(int index, int value) {
        STATE.setRelease(state, index, value);
    }

    public boolean isUsable(int index) {
        return stateAcquire(index) == USABLE;
    }

    /** Index of the address whatever its state, or {@link #NONE}. */
    public int find(long addressHigh, long addressLow) {
        for (int i = 0; i < low.length; i++) {
            if (low[i] == addressLow && high[i] == addressHigh) {
                return i;
            }
        }
        return NONE;
    }

    /** Index of the address if it may be used, or {@link #NONE}. */
    public int findUsable(long addressHigh, long addressLow) {
        int index = find(addressHigh, addressLow);
        return index != NONE && isUsable(index) ? index : NONE;
    }

    /** Whether an address is in the prefix of address {@code index}. */
    public boolean isOnLink(int index, long addressHigh, long addressLow) {
        return commonPrefix(high[index], low[index], addressHigh, addressLow) >= prefixLength[index];
    }

    /** 255.255.255.255, or the directed broadcast of one of the IPv4 prefixes (RFC 1122 section 3.2.1.3). */
    public boolean isBroadcast(long addressHigh, long addressLow) {
        if (!IpAddress.isIpv4(addressHigh, addressLow)) {
            return false;
        }
        if ((int) addressLow == -1) {
            return true;
        }
        for (int i = 0; i < low.length; i++) {
            int hostBits = 128 - prefixLength[i];
            if (IpAddress.isIpv4(high[i], low[i]) && hostBits > 1) {
                int hostMask = hostBits == 32 ? -1 : (1 << hostBits) - 1;
                if ((int) addressLow == ((int) low[i] | hostMask)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Leading bits, 0 to 128, that two addresses share. */
    public static int commonPrefix(long aHigh, long aLow, long bHigh, long bLow) {
        return aHigh != bHigh
                ? Long.numberOfLeadingZeros(aHigh ^ bHigh)
                : Long.SIZE + Long.numberOfLeadingZeros(aLow ^ bLow);
    }
}
