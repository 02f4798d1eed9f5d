package dev.toehold.ffi.dpdk;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What {@link Eal#init} needs to know.
 *
 * @param memoryMegabytes memory for pools and rings, 16 to 1048576 MB, set aside at start
 * @param hugepages whether that memory is to be hugepages
 * @param pciDevices PCI addresses ({@code 0000:03:00.0}) that EAL may take; none: the PCI bus is not scanned
 * @param logLevel the highest of DPDK's log levels that is kept, 1 (emergency) to 8 (debug)
 */
public record EalConfig(int memoryMegabytes, Hugepages hugepages, List<String> pciDevices, int logLevel) {
    private static final Pattern PCI_ADDRESS =
            Pattern.compile("(\\p{XDigit}{4,8}:)?\\p{XDigit}{2}:\\p{XDigit}{2}\\.[0-7]");
    private static final int LOG_WARNING = 5;

    /** Policy for the memory's page size. */
    public enum Hugepages {
        /** Hugepages if enough are free, else 4 KiB pages (about half the speed on purely software ports). */
        IF_FREE,
        /** Hugepages or no start. */
        REQUIRED,
        /** Always 4 KiB pages. */
        NEVER
    }

    public EalConfig {
        if (memoryMegabytes < 16 || memoryMegabytes > 1 << 20) {
            throw new IllegalArgumentException("memoryMegabytes=" + memoryMegabytes + " is not in 16..1048576");
        }
        Objects.requireNonNull(hugepages, "hugepages");
        pciDevices = List.copyOf(pciDevices);
        for (final String device : pciDevices) {
            if (!isPciAddress(device)) {
                throw new IllegalArgumentException(
                        "PCI address \"" + device + "\" is not of the form [domain:]bus:device.function");
            }
        }
        if (logLevel < 1 || logLevel > 8) {
            throw new IllegalArgumentException("logLevel=" + logLevel + " is not in 1..8");
        }
    }

    /** No PCI devices, hugepages if there are some, warnings kept. */
    public static EalConfig ofMegabytes(final int memoryMegabytes) {
        return new EalConfig(memoryMegabytes, Hugepages.IF_FREE, List.of(), LOG_WARNING);
    }

    public EalConfig withHugepages(final Hugepages policy) {
        return new EalConfig(memoryMegabytes, policy, pciDevices, logLevel);
    }

    public EalConfig withPciDevices(final List<String> devices) {
        return new EalConfig(memoryMegabytes, hugepages, devices, logLevel);
    }

    /** Whether {@code text} has the form of a PCI address, with or without a domain. */
    public static boolean isPciAddress(final String text) {
        return PCI_ADDRESS.matcher(text).matches();
    }
}
