package dev.toehold.net;

/**
 * An address and the length of its network's prefix, as an interface has it: {@code 10.0.0.2/24}. The host bits are kept.
 *
 * @param address any address of the network
 * @param length bits of the prefix in the address's own family, 0 to 32 or 0 to 128
 */
public record Prefix(IpAddress address, int length) {
    private static final int MAPPED_BITS = 96;

    public Prefix {
        int max = address.isIpv4() ? 32 : 128;
        if (length < 0 || length > max) {
            throw new IllegalArgumentException(
                    "prefix length=" + length + " of " + address + " is out of range: 0 to " + max);
        }
    }

    /** Reads {@code ADDRESS/LENGTH}; the length is required, as a forgotten one is hardly ever meant to be /32. */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "prefix=" + text + " has no length: write it as in 10.0.0.2/24 or fd00::2/64");
        }
        IpAddress address = IpAddress.parse(text.substring(0, slash));
        String digits = text.substring(slash + 1);
        if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException(
                    "prefix=" + text + " has a bad length: write a decimal number of bits, as in 10.0.0.2/24");
        }
        return new Prefix(address, Integer.parseInt(digits));
    }

    /** Whether the address lies in this network; never for the other family. */
    public boolean contains(long hi, long lo) {
        if (address.isIpv4() != IpAddress.isIpv4(hi, lo)) {
            return false;
        }
        return ((hi ^ address.hi()) & maskHi()) == 0 && ((lo ^ address.lo()) & maskLo()) == 0;
    }

    public boolean contains(IpAddress other) {
        return contains(other.hi(), other.lo());
    }

    /** Whether the address is the broadcast of this IPv4 network; /31 and /32 have none (RFC 3021). */
    public boolean isBroadcast(long hi, long lo) {
        return address.isIpv4() && length < 31 && contains(hi, lo) && (lo | maskLo()) == -1L;
    }

    /** The network's own address, host bits zero. */
    public IpAddress network() {
        return new IpAddress(address.hi() & maskHi(), address.lo() & maskLo());
    }

    private int bits() {
        return address.isIpv4() ? MAPPED_BITS + length : length;
    }

    private long maskHi() {
        int bits = bits();
        return bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
    }

    private long maskLo() {
        int bits = bits() - 64;
        return bits <= 0 ? 0 : -1L << (64 - bits);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
