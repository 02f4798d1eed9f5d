package dev.toehold.stack;

import dev.toehold.net.IpAddress;
import java.util.List;

/**
 * How destinations are reached: on-link by the prefixes of the engine's addresses, everything else by the first gateway of its
 * family whose port can reach it. Fixed at start, shared by all lcores.
 *
 * <p>A route is a small int that a connection keeps: {@link #LOOPBACK} for the engine's own addresses, an index of a local
 * address for a neighbour on that prefix, or {@link #GATEWAY_BASE} + index of a gateway.
 */
public final class Routes {
    public static final int UNREACHABLE = -1;
    public static final int LOOPBACK = -2;
    public static final int GATEWAY_BASE = LocalAddresses.MAX_ADDRESSES;
    public static final int MAX_GATEWAYS = 16;

    /** A router of a port; its address is on a prefix of that port or link-local. */
    public record Gateway(int portIndex, long high, long low) {}

    private final LocalAddresses addresses;
    private final Gateway[] gateways;

    public Routes(LocalAddresses addresses, List<Gateway> gateways) {
        if (gateways.size() > MAX_GATEWAYS) {
            throw new IllegalArgumentException("gateways=" + gateways.size() + ", allowed: at most " + MAX_GATEWAYS);
        }
        this.addresses = addresses;
        this.gateways = gateways.toArray(Gateway[]::new);
    }

    /**
     * The route to a destination, longest prefix first. Link-local destinations go out of the first port that has a link-local
     * address: there is no scope id to choose by.
     */
    public int find(long high, long low) {
        if (addresses.find(high, low) != LocalAddresses.NONE) {
            return LOOPBACK;
        }
        int best = UNREACHABLE;
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.isUsable(i)
                    && addresses.isOnLink(i, high, low)
                    && (best == UNREACHABLE || addresses.prefixLength(i) > addresses.prefixLength(best))) {
                best = i;
            }
        }
        if (best != UNREACHABLE || IpAddress.isLinkLocal(high, low)) {
            return best;
        }
        boolean isIpv4 = IpAddress.isIpv4(high, low);
        for (int i = 0; i < gateways.length; i++) {
            if (IpAddress.isIpv4(gateways[i].high, gateways[i].low) == isIpv4
                    && source(GATEWAY_BASE + i, high, low) != LocalAddresses.NONE) {
                return GATEWAY_BASE + i;
            }
        }
        return UNREACHABLE;
    }

    /** The port of a route that is neither {@link #UNREACHABLE} nor {@link #LOOPBACK}. */
    public int portIndex(int route) {
        return route >= GATEWAY_BASE ? gateways[route - GATEWAY_BASE].portIndex : addresses.portIndex(route);
    }

    /** Upper half of the neighbour's address: the gateway's, or the destination's own. */
    public long nextHopHigh(int route, long destinationHigh) {
        return route >= GATEWAY_BASE ? gateways[route - GATEWAY_BASE].high : destinationHigh;
    }

    public long nextHopLow(int route, long destinationLow) {
        return route >= GATEWAY_BASE ? gateways[route - GATEWAY_BASE].low : destinationLow;
    }

    /**
     * Source address selection (RFC 6724 section 5) among the usable addresses of the route's port: rule 1 the destination itself, rule 2
     * the scope, rule 8 the longest common prefix. The other rules need deprecated, home or temporary addresses, labels or several
     * interfaces, which the engine has not.
     *
     * @return index in {@link LocalAddresses}, or {@link LocalAddresses#NONE}
     */
    public int source(int route, long destinationHigh, long destinationLow) {
        if (route == LOOPBACK) {
            return addresses.findUsable(destinationHigh, destinationLow);
        }
        if (route == UNREACHABLE) {
            return LocalAddresses.NONE;
        }
        boolean isIpv4 = IpAddress.isIpv4(destinationHigh, destinationLow);
        boolean isLinkLocal = IpAddress.isLinkLocal(destinationHigh, destinationLow);
        int port = portIndex(route);
        int best = LocalAddresses.NONE;
        int bestRank = -1;
        for (int i = 0; i < addresses.size(); i++) {
            long high = addresses.high(i);
            long low = addresses.low(i);
            if (addresses.portIndex(i) != port || IpAddress.isIpv4(high, low) != isIpv4 || !addresses.isUsable(i)) {
                continue;
            }
            int sameScope = IpAddress.isLinkLocal(high, low) == isLinkLocal ? 1 << 8 : 0;
            int rank = sameScope + LocalAddresses.commonPrefix(high, low, destinationHigh, destinationLow);
            if (rank > bestRank) {
                best = i;
                bestRank = rank;
            }
        }
        return best;
    }
}
