package dev.toehold.net;

/**
 * Addresses and TCP ports, as a rule names them: {@code *:80}, {@code 10.0.0.0/8:*}, {@code [fd00::2]:8000-8999}.
 *
 * @param isAnyAddress every address of both families, written {@code *}
 * @param prefix what the address must lie in, unless it is any
 * @param lowest first TCP port, 1 or more
 * @param highest last one, at most 65535
 */
public record EndpointRange(boolean isAnyAddress, Prefix prefix, int lowest, int highest) {
    /** What {@link #parse} reads, for messages. */
    public static final String FORM = "ADDRESSES:PORTS such as \"*:80\", \"10.0.0.0/8:*\" or \"[fd00::2]:8000-8999\"";

    private static final int MAX_PORT = 0xffff;
    private static final Prefix NONE = new Prefix(IpAddress.UNSPECIFIED6, 128);

    /** Reads the forms above; an address without length is that address alone. */
    public static EndpointRange parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("endpoints=" + text + ": write " + FORM);
        }
        String addresses = text.substring(0, colon);
        String ports = text.substring(colon + 1);
        boolean isAny = addresses.equals("*");
        int lowest = 1;
        int highest = MAX_PORT;
        if (!ports.equals("*")) {
            int dash = ports.indexOf('-');
            lowest = port(dash < 0 ? ports : ports.substring(0, dash), text);
            highest = dash < 0 ? lowest : port(ports.substring(dash + 1), text);
            if (highest < lowest) {
                throw new IllegalArgumentException("endpoints=" + text + ": the first TCP port is the lower one");
            }
        }
        return new EndpointRange(isAny, isAny ? NONE : prefix(addresses, text), lowest, highest);
    }

    private static int port(String digits, String text) {
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "endpoints=" + text + " has a bad TCP port: write * or 1 to 65535 or a range of these");
        }
        return port;
    }

    private static Prefix prefix(String addresses, String text) {
        boolean isBracketed = addresses.length() > 2 && addresses.startsWith("[") && addresses.endsWith("]");
        String plain = isBracketed ? addresses.substring(1, addresses.length() - 1) : addresses;
        if (isBracketed != plain.indexOf(':') >= 0) {
            throw new IllegalArgumentException("endpoints=" + text + ": brackets are for IPv6, as in [fd00::/8]:443");
        }
        if (plain.indexOf('/') >= 0) {
            return Prefix.parse(plain);
        }
        IpAddress address = IpAddress.parse(plain);
        return new Prefix(address, address.isIpv4() ? 32 : 128);
    }

    /** Whether this address and TCP port are meant. Allocates nothing. */
    public boolean contains(long hi, long lo, int port) {
        return contains(port) && (isAnyAddress || prefix.contains(hi, lo));
    }

    /** Whether this TCP port is meant at some address. */
    public boolean contains(int port) {
        return port >= lowest && port <= highest;
    }

    @Override
    public String toString() {
        String ports =
                lowest == 1 && highest == MAX_PORT ? "*" : lowest == highest ? "" + lowest : lowest + "-" + highest;
        if (isAnyAddress) {
            return "*:" + ports;
        }
        boolean isIpv4 = prefix.address().isIpv4();
        boolean isHost = prefix.length() == (isIpv4 ? 32 : 128);
        String addresses = isHost ? prefix.address().toString() : prefix.toString();
        return (isIpv4 ? addresses : "[" + addresses + "]") + ":" + ports;
    }
}
