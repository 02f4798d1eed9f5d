package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A copy engine: a device of DPDK's dmadev library, with one virtual channel from memory to memory. Control path, safe for any
 * platform thread: open, start, then the calls of its {@link DmaChannel}; stop once nobody is in one of them; close.
 */
public final class DmaDev implements AutoCloseable {
    /** Copies that a channel holds at most, where the device can do so many. */
    public static final int DESCRIPTORS = 512;

    private static final int MAX_NAME_LENGTH = 63;

    /** RTE_VFIO_DEFAULT_CONTAINER_FD */
    private static final int DEFAULT_CONTAINER = -1;

    private final DpdkLayout layout = Dpdk.load().layout();
    private final int id;
    private final String name;
    private final long capabilities;
    private final int descriptors;
    private boolean started;
    private boolean closed;

    private DmaDev(final int id, final String name) {
        this.id = id;
        this.name = name;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment info = arena.allocate(layout.sizeof("rte_dma_info"), 8);
            check("rte_dma_info_get", (int) Calls.INFO_GET.invokeExact((short) id, info));
            capabilities = info.get(JAVA_LONG, layout.offset("rte_dma_info.dev_capa", 8));
            final int least = unsigned(info, "rte_dma_info.min_desc");
            final int most = unsigned(info, "rte_dma_info.max_desc");
            descriptors = most == 0 ? DESCRIPTORS : Math.clamp(DESCRIPTORS, least, Math.max(least, most));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        final long needed = layout.constant("RTE_DMA_CAPA_MEM_TO_MEM") | layout.constant("RTE_DMA_CAPA_OPS_COPY");
        if ((capabilities & needed) != needed) {
            throw new DpdkUnavailableException(
                    "DMA device " + name + " cannot copy from memory to memory: choose another copy engine");
        }
    }

    private static final class Calls {
        private static final MethodHandle GET_BY_NAME = dmadev("rte_dma_get_dev_id_by_name", ADDRESS);
        private static final MethodHandle INFO_GET = dmadev("rte_dma_info_get", JAVA_SHORT, ADDRESS);
        private static final MethodHandle CONFIGURE = dmadev("rte_dma_configure", JAVA_SHORT, ADDRESS);
        private static final MethodHandle VCHAN_SETUP = dmadev("rte_dma_vchan_setup", JAVA_SHORT, JAVA_SHORT, ADDRESS);
        private static final MethodHandle START = dmadev("rte_dma_start", JAVA_SHORT);
        private static final MethodHandle STOP = dmadev("rte_dma_stop", JAVA_SHORT);
        private static final MethodHandle CLOSE = dmadev("rte_dma_close", JAVA_SHORT);

        /** The default container's mappings do not ask for a rte_device, which dmadev does not give away. */
        private static final MethodHandle VFIO_MAP = vfio("rte_vfio_container_dma_map");

        private static final MethodHandle VFIO_UNMAP = vfio("rte_vfio_container_dma_unmap");

        private static MethodHandle dmadev(final String name, final MemoryLayout... parameters) {
            return Dpdk.load().function("dmadev", name, FunctionDescriptor.of(JAVA_INT, parameters));
        }

        private static MethodHandle vfio(final String name) {
            return Dpdk.load()
                    .function("eal", name, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        }
    }

    /**
     * Opens a device: one that EAL found at its start (a PCI address that it was allowed, a work queue of the idxd driver), or a virtual
     * one such as {@code dma_skeleton0}, which is made.
     *
     * @throws DpdkUnavailableException if there is none of that name, or it cannot copy
     */
    public static DmaDev open(final String name) {
        if (!name.matches("[A-Za-z0-9._:-]+") || name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException("copy engine=\"" + name + "\" must be 1 to " + MAX_NAME_LENGTH
                    + " of the characters A-Za-z0-9._:-");
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment string = arena.allocateFrom(name);
            int id = (int) Calls.GET_BY_NAME.invokeExact(string);
            if (id < 0) {
                final int status = EalLog.caught(() -> (int) EthDevCalls.DEV_PROBE.invokeExact(string));
                id = status == 0 ? (int) Calls.GET_BY_NAME.invokeExact(string) : status;
            }
            if (id < 0) {
                throw new DpdkUnavailableException("there is no copy engine " + name + ": " + EalLog.cause()
                        + "; bind the device to vfio-pci or idxd and install its driver ("
                        + Dpdk.load().driverPackage("dma_ioat") + ", "
                        + Dpdk.load().driverPackage("dma_idxd") + ")");
            }
            return new DmaDev(id, name);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    public String name() {
        return name;
    }

    /** Whether the device takes the process's own addresses; else memory that is not DPDK's must be {@link #map}ped. */
    public boolean hasSharedVirtualAddressing() {
        return (capabilities & layout.constant("RTE_DMA_CAPA_SVA")) != 0;
    }

    /** Sets up the channel and starts. */
    public synchronized DmaChannel start() {
        if (started || closed) {
            throw new IllegalStateException("DMA device " + name + (closed ? " is closed" : " runs already"));
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment configuration = arena.allocate(layout.sizeof("rte_dma_conf"), 8);
            configuration.set(JAVA_SHORT, layout.offset("rte_dma_conf.nb_vchans", 2), (short) 1);
            check("rte_dma_configure", (int) Calls.CONFIGURE.invokeExact((short) id, configuration));
            final MemorySegment channel = arena.allocate(layout.sizeof("rte_dma_vchan_conf"), 8);
            channel.set(
                    JAVA_INT,
                    layout.offset("rte_dma_vchan_conf.direction", 4),
                    layout.intConstant("RTE_DMA_DIR_MEM_TO_MEM"));
            channel.set(JAVA_SHORT, layout.offset("rte_dma_vchan_conf.nb_desc", 2), (short) descriptors);
            check("rte_dma_vchan_setup", (int) Calls.VCHAN_SETUP.invokeExact((short) id, (short) 0, channel));
            check("rte_dma_start", (int) Calls.START.invokeExact((short) id));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        started = true;
        return new DmaChannel(layout, id, descriptors);
    }

    /**
     * Lets the device write memory of this process that is not DPDK's, at the process's own addresses, and pins it: as long as it is
     * mapped no access of the device can fault. Not needed with shared virtual addressing.
     *
     * @return empty, or why the IOMMU does not take it
     */
    public String map(final MemorySegment memory) {
        return callVfio(Calls.VFIO_MAP, memory);
    }

    /** Undoes {@link #map}. No copy into the memory may be outstanding. */
    public void unmap(final MemorySegment memory) {
        callVfio(Calls.VFIO_UNMAP, memory);
    }

    private static String callVfio(final MethodHandle call, final MemorySegment memory) {
        final long address = memory.address();
        final long length = memory.byteSize();
        try {
            // EAL runs with iova-mode=va: the device sees the addresses that we see.
            final int status = EalLog.caught(() -> (int) call.invokeExact(DEFAULT_CONTAINER, address, address, length));
            return status == 0
                    ? ""
                    : "the IOMMU does not map " + length + " bytes: " + RteErrno.text(RteErrno.get())
                            + "; bind the copy engine to vfio-pci and raise the limit of locked memory";
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** Ends all copies; those that were not made are not made any more. */
    public synchronized void stop() {
        if (started) {
            started = false;
            try {
                check("rte_dma_stop", (int) Calls.STOP.invokeExact((short) id));
            } catch (final Throwable e) {
                throw Unexpected.of(e);
            }
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            stop();
            closed = true;
            try {
                check("rte_dma_close", (int) Calls.CLOSE.invokeExact((short) id));
            } catch (final Throwable e) {
                throw Unexpected.of(e);
            }
        }
    }

    private int unsigned(final MemorySegment struct, final String field) {
        return Short.toUnsignedInt(struct.get(JAVA_SHORT, layout.offset(field, 2)));
    }

    private void check(final String call, final int status) {
        if (status < 0) {
            throw new DpdkException(call + " " + name, status, EalLog.cause());
        }
    }
}
