package dev.toehold.port;

import dev.toehold.ffi.dpdk.EalConfig;
import java.util.regex.Pattern;

/**
 * The {@code device} of a port's configuration, taken apart. Whether it exists shows when the port is opened.
 *
 * @param kind which of the four forms it has
 * @param text as configured
 * @param target the interface's name, the PCI address with its domain, or the device string
 */
public record PortDevice(Kind kind, String text, String target) {
    static final String FORMS =
            "a Linux interface (\"eth1\"), \"xdp:eth1\", a PCI address (\"0000:03:00.0\") or a DPDK device"
                    + " string (\"net_ring0\")";

    private static final String XDP_PREFIX = "xdp:";
    private static final int MAX_INTERFACE_NAME = 15;
    private static final Pattern INTERFACE = Pattern.compile("[^\\s/,:=\\p{Cntrl}]+");
    private static final Pattern VDEV = Pattern.compile("net_[A-Za-z0-9_.-]+(,[\\x21-\\x7e]*)?");

    /** Forms of a device. */
    public enum Kind {
        /** A Linux interface by net_af_packet: the kernel goes on seeing its frames. */
        AF_PACKET,
        /** A Linux interface by net_af_xdp: the frames of one queue are taken from the kernel. */
        AF_XDP,
        /** A PCI device, bound to a user-space driver. */
        PCI,
        /** A virtual device of DPDK, by its own string. */
        VDEV
    }

    /**
     * Takes {@code text} apart.
     *
     * @throws IllegalArgumentException if it has none of the four forms
     */
    public static PortDevice parse(final String text) {
        if (text.startsWith("net_")) {
            if (!VDEV.matcher(text).matches()) {
                throw bad(text, "is no DPDK device string, such as net_memif0,role=server,socket=/run/m.sock");
            }
            return new PortDevice(Kind.VDEV, text, text);
        }
        if (EalConfig.isPciAddress(text)) {
            return new PortDevice(Kind.PCI, text, text.indexOf(':') == text.lastIndexOf(':') ? "0000:" + text : text);
        }
        final boolean xdp = text.startsWith(XDP_PREFIX);
        final String name = xdp ? text.substring(XDP_PREFIX.length()) : text;
        if (!INTERFACE.matcher(name).matches() || name.length() > MAX_INTERFACE_NAME) {
            throw bad(text, "must be " + FORMS);
        }
        return new PortDevice(xdp ? Kind.AF_XDP : Kind.AF_PACKET, text, name);
    }

    private static IllegalArgumentException bad(final String text, final String why) {
        return new IllegalArgumentException("device = \"" + text + "\" " + why);
    }

    /** Whether a Linux interface is beneath. */
    public boolean isInterface() {
        return kind == Kind.AF_PACKET || kind == Kind.AF_XDP;
    }

    /** Name of the driver, as in {@code net_ring}; empty for a PCI device, where the device decides. */
    String driver() {
        return switch (kind) {
            case AF_PACKET -> "net_af_packet";
            case AF_XDP -> "net_af_xdp";
            case PCI -> "";
            case VDEV -> {
                final int comma = target.indexOf(',');
                final String name = comma < 0 ? target : target.substring(0, comma);
                yield name.replaceFirst("\\d+$", "");
            }
        };
    }
}
