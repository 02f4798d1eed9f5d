package dev.toehold.session;

import dev.toehold.net.EndpointRange;
import java.util.List;

/** Addresses and TCP ports that a client may use for one purpose. Asked on the lcores; allocates nothing. */
public final class EndpointRules {
    /** No rule at all: everything is allowed. */
    public static final EndpointRules EVERYTHING = new EndpointRules(List.of(EndpointRange.parse("*:*")));

    private final EndpointRange[] allowed;

    /** @param allowed what is; nothing else */
    public EndpointRules(List<EndpointRange> allowed) {
        this.allowed = allowed.toArray(EndpointRange[]::new);
    }

    /** Whether this one address and TCP port may be used. */
    boolean allows(long high, long low, int port) {
        for (EndpointRange range : allowed) {
            if (range.contains(high, low, port)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a listener may have this local address. All zero means every address of both families, which no prefix covers. */
    boolean allowsLocal(long high, long low, int port) {
        if ((high | low) != 0) {
            return allows(high, low, port);
        }
        for (EndpointRange range : allowed) {
            if (range.isAnyAddress() && range.contains(port)) {
                return true;
            }
        }
        return false;
    }

    /** Whether this TCP port may be used on some address. */
    boolean allowsPort(int port) {
        for (EndpointRange range : allowed) {
            if (range.contains(port)) {
                return true;
            }
        }
        return false;
    }
}
