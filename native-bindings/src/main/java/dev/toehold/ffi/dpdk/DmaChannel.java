package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The virtual channel of a started {@link DmaDev}: {@code rte_dma_copy} and its companions by the driver's own function pointers
 * ({@code rte_dma_fp_objs}). Copies end in the order in which they were given. One thread at a time. Stopping the device ends it.
 *
 * <p>Addresses are the process's own. The caller has checked that both ranges are mapped, will stay so, and cannot fault: a
 * software driver touches them on a thread of its own, where a fault ends the process.
 */
public final class DmaChannel {
    private static final Linker.Option CRITICAL = Linker.Option.critical(false);
    private static final Linker LINKER = Linker.nativeLinker();

    /** {@code rte_dma_copy_t}: dev_private, vchan, source, destination, length, flags. */
    private static final MethodHandle COPY = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_SHORT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG),
            CRITICAL);

    private static final MethodHandle SUBMIT =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_SHORT), CRITICAL);

    /** {@code rte_dma_completed_t} and {@code rte_dma_completed_status_t}: the last pointer is what differs. */
    private static final MethodHandle COMPLETED = LINKER.downcallHandle(
            FunctionDescriptor.of(JAVA_SHORT, JAVA_LONG, JAVA_SHORT, JAVA_SHORT, JAVA_LONG, JAVA_LONG), CRITICAL);

    private static final long LAST_INDEX = 0;
    private static final long RESULT = 8;

    private final MemorySegment out = Arena.ofAuto().allocate(16, 8);
    private final MemorySegment copy;
    private final MemorySegment submit;
    private final MemorySegment completed;
    private final MemorySegment completedStatus;
    private final long device;
    private final int successful;
    private final int capacity;

    DmaChannel(final DpdkLayout layout, final int id, final int descriptors) {
        final long objects =
                Memory.getLong(Dpdk.load().symbol("dmadev", "rte_dma_fp_objs").address());
        final long object = objects + (long) id * layout.sizeof("rte_dma_fp_object");
        device = Memory.getLong(object + layout.offset("rte_dma_fp_object.dev_private", 8));
        copy = function(object + layout.offset("rte_dma_fp_object.copy", 8));
        submit = function(object + layout.offset("rte_dma_fp_object.submit", 8));
        completed = function(object + layout.offset("rte_dma_fp_object.completed", 8));
        completedStatus = function(object + layout.offset("rte_dma_fp_object.completed_status", 8));
        successful = layout.intConstant("RTE_DMA_STATUS_SUCCESSFUL");
        // Drivers keep one entry of their ring free to tell full from empty.
        capacity = descriptors - 1;
    }

    private static MemorySegment function(final long pointer) {
        return MemorySegment.ofAddress(Memory.getLong(pointer));
    }

    /** Copies that may be outstanding. */
    public int capacity() {
        return capacity;
    }

    /**
     * Gives the device a copy, to be begun at the next {@link #submit}.
     *
     * @return false if it takes no more now
     */
    public boolean copy(final long source, final long destination, final int length) {
        try {
            return (int) COPY.invokeExact(copy, device, (short) 0, source, destination, length, 0L) >= 0;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** Begins what was given since the last call. */
    public void submit() {
        try {
            final int status = (int) SUBMIT.invokeExact(submit, device, (short) 0);
            if (status < 0) {
                throw new DpdkException("rte_dma_submit", status, "");
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /**
     * Copies that have ended well since the last call, up to {@code most} (at most 65,535) or to the first that failed. Never blocks.
     */
    public int completed(final int most) {
        out.set(JAVA_BOOLEAN, RESULT, false);
        try {
            return Short.toUnsignedInt((short) COMPLETED.invokeExact(
                    completed, device, (short) 0, (short) most, out.address() + LAST_INDEX, out.address() + RESULT));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** Whether the last {@link #completed} stopped before a copy that failed. */
    public boolean hasFailure() {
        return out.get(JAVA_BOOLEAN, RESULT);
    }

    /**
     * Steps over one copy that has ended, after {@link #hasFailure}.
     *
     * @return 1 = it failed, 0 = it did well after all, -1 = none has ended
     */
    public int takeFailure() {
        try {
            final int count = Short.toUnsignedInt((short) COMPLETED.invokeExact(
                    completedStatus, device, (short) 0, (short) 1, out.address() + LAST_INDEX, out.address() + RESULT));
            return count == 0 ? -1 : out.get(JAVA_INT, RESULT) == successful ? 0 : 1;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
