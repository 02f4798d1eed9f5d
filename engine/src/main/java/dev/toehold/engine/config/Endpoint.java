package dev.toehold.engine.config;

import dev.toehold.net.IpAddress;

/**
 * An address and a TCP port of the host, as {@code 127.0.0.1:9464} or {@code [::1]:9464}.
 *
 * @param address where to listen
 * @param port 1 to 65535; 0 only in {@link #NONE}
 */
public record Endpoint(IpAddress address, int port) {
    /** Written as the empty text: do not listen. */
    public static final Endpoint NONE = new Endpoint(IpAddress.UNSPECIFIED6, 0);

    /** Reads the forms above, or {@link #NONE}. */
    public static Endpoint parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        int colon = text.lastIndexOf(':');
        if (colon > 0) {
            String host = text.substring(0, colon);
            boolean bracketed = host.length() > 2 && host.startsWith("[") && host.endsWith("]");
            String digits = text.substring(colon + 1);
            if (bracketed == (host.indexOf(':') >= 0) && digits.matches("[0-9]{1,5}")) {
                int port = Integer.parseInt(digits);
                if (port >= 1 && port <= 65_535) {
                    return new Endpoint(IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host), port);
                }
            }
        }
        throw new IllegalArgumentException("write ADDRESS:PORT such as 127.0.0.1:9464 or [::1]:9464");
    }

    public boolean isNone() {
        return port == 0;
    }

    @Override
    public String toString() {
        if (isNone()) {
            return "";
        }
        return (address.isIpv4() ? address.toString() : "[" + address + "]") + ":" + port;
    }
}
