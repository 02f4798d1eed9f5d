package dev.toehold.engine;

import dev.toehold.control.CopyRegions;
import dev.toehold.engine.config.EngineSettings;
import dev.toehold.ffi.dpdk.DmaChannel;
import dev.toehold.ffi.dpdk.DmaDev;
import dev.toehold.placement.CopyChannel;
import dev.toehold.placement.DmaCopyChannel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The DMA devices of {@code engine.copy-engines}: the first is the first lcore's, and so on; on further lcores the CPU copies. One that is
 * dearer than the CPU for every length that a packet has is not used, which is measured at start unless the configuration says from
 * which length on it serves.
 */
final class CopyEngines implements CopyRegions, AutoCloseable {
    private final List<DmaDev> devices = new ArrayList<>();
    private final List<CopyChannel> channels = new ArrayList<>();
    private int leastLength;

    private CopyEngines() {}

    /**
     * Opens and starts them; EAL runs.
     *
     * @param warnings takes what is done without, and why
     */
    static CopyEngines open(EngineSettings settings, int lcoreCount, List<String> warnings) {
        List<String> names = settings.copyEngines();
        if (names.size() > lcoreCount) {
            throw new EngineException("engine.copy-engines names " + names.size() + " devices for " + lcoreCount
                    + " lcores: name at most one for each");
        }
        CopyEngines engines = new CopyEngines();
        try {
            for (String name : names) {
                DmaDev device = DmaDev.open(name);
                engines.devices.add(device);
                DmaChannel channel = device.start();
                engines.channels.add(new DmaCopyChannel(device, channel));
            }
            engines.chooseLength(settings.copyEngineLeast(), warnings);
        } catch (RuntimeException e) {
            engines.close();
            throw e;
        }
        return engines;
    }

    private void chooseLength(long configured, List<String> warnings) {
        leastLength = (int) Math.min(Integer.MAX_VALUE, configured);
        if (channels.isEmpty() || configured > 0) {
            return;
        }
        CopyCost cost = CopyCost.measure(devices.getFirst(), channels.getFirst());
        leastLength = cost.leastLength();
        if (leastLength == CopyCost.NEVER) {
            warnings.add("copy engine " + names() + " is not used: " + cost
                    + "; engine.copy-engine-least makes it serve all the same");
            close();
        }
    }

    /** Names of those in use, empty if there are none. */
    String names() {
        return String.join(",", devices.stream().map(DmaDev::name).toList());
    }

    /** The channel of an lcore, or null. */
    CopyChannel channel(int lcore) {
        return lcore < channels.size() ? channels.get(lcore) : null;
    }

    /** Bytes from which on an engine copies. */
    int leastLength() {
        return leastLength;
    }

    @Override
    public boolean isThere() {
        return !devices.isEmpty();
    }

    @Override
    public String open(MemorySegment memory, boolean isLocked, boolean isTrusted) {
        List<DmaDev> mapped = new ArrayList<>();
        for (DmaDev device : devices) {
            String reason =
                    device.hasSharedVirtualAddressing() ? unpinned(device, isLocked, isTrusted) : device.map(memory);
            if (!reason.isEmpty()) {
                mapped.forEach(earlier -> earlier.unmap(memory));
                return reason;
            }
            if (!device.hasSharedVirtualAddressing()) {
                mapped.add(device);
                break; // all of them share one container, and its mappings
            }
        }
        return "";
    }

    /** Why a device that uses our own page tables, which pins nothing, may not write a region; empty if it may. */
    private static String unpinned(DmaDev device, boolean isLocked, boolean isTrusted) {
        if (!isLocked) {
            return "copy engine " + device.name() + " needs it locked: raise RLIMIT_MEMLOCK of the engine";
        }
        return isTrusted
                ? ""
                : "copy engine " + device.name() + " pins no pages, and this user may take them away:"
                        + " the policy must allow huge-pages, which says that he is trusted not to";
    }

    @Override
    public void close(MemorySegment memory) {
        devices.stream()
                .filter(device -> !device.hasSharedVirtualAddressing())
                .findFirst()
                .ifPresent(device -> device.unmap(memory));
    }

    @Override
    public void close() {
        devices.forEach(DmaDev::close);
        devices.clear();
        channels.clear();
    }
}
