package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * An IP address of an interface, as the kernel describes it (RTM_NEWADDR).
 *
 * @param linkIndex the interface's
 * @param prefix the address and how many of its bits are its network's
 * @param flags IFA_F_ bits of {@code linux/if_addr.h}
 * @param scope RT_SCOPE_: 0 global, 200 site, 253 link, 254 host
 */
public record LinkAddress(int linkIndex, IpPrefix prefix, int flags, int scope) {
    /** IPv6: duplicate address detection is still going on, the address cannot be used yet (RFC 4862). */
    public boolean isTentative() {
        return (flags & NetlinkH.IFA_F_TENTATIVE) != 0;
    }

    /** IPv6: somebody else on the link has this address. */
    public boolean isDadFailed() {
        return (flags & NetlinkH.IFA_F_DADFAILED) != 0;
    }

    /** Not to be used for new connections. */
    public boolean isDeprecated() {
        return (flags & NetlinkH.IFA_F_DEPRECATED) != 0;
    }

    /** Without a lifetime. */
    public boolean isPermanent() {
        return (flags & NetlinkH.IFA_F_PERMANENT) != 0;
    }

    /** IPv6: a temporary privacy address (RFC 8981). */
    public boolean isTemporary() {
        // Of an IPv4 address the same bit says "secondary".
        return prefix.isIpv6() && (flags & NetlinkH.IFA_F_TEMPORARY) != 0;
    }

    public boolean isLinkScope() {
        return scope == NetlinkH.RT_SCOPE_LINK;
    }

    /** Null for a family other than IPv4 and IPv6. */
    static LinkAddress parse(MemorySegment payload) {
        int family = Byte.toUnsignedInt(payload.get(JAVA_BYTE, IfaddrmsgDescriptor.FAMILY_OFFSET));
        if (family != SocketH.AF_INET && family != SocketH.AF_INET6) {
            return null;
        }
        NetlinkAttributes attributes = new NetlinkAttributes(payload.asSlice(IfaddrmsgDescriptor.SIZE));
        // On a point-to-point link IFA_ADDRESS is the other end's and IFA_LOCAL one's own.
        byte[] address =
                attributes.bytes(attributes.has(NetlinkH.IFA_LOCAL) ? NetlinkH.IFA_LOCAL : NetlinkH.IFA_ADDRESS);
        return new LinkAddress(
                payload.get(JAVA_INT_UNALIGNED, IfaddrmsgDescriptor.INDEX_OFFSET),
                new IpPrefix(
                        IpPrefix.address(address),
                        Byte.toUnsignedInt(payload.get(JAVA_BYTE, IfaddrmsgDescriptor.PREFIXLEN_OFFSET))),
                attributes.intValue(
                        NetlinkH.IFA_FLAGS,
                        Byte.toUnsignedInt(payload.get(JAVA_BYTE, IfaddrmsgDescriptor.FLAGS_OFFSET))),
                Byte.toUnsignedInt(payload.get(JAVA_BYTE, IfaddrmsgDescriptor.SCOPE_OFFSET)));
    }
}
