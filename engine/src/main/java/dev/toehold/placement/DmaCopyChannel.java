package dev.toehold.placement;

import dev.toehold.ffi.dpdk.DmaChannel;
import dev.toehold.ffi.dpdk.DmaDev;
import java.lang.foreign.MemorySegment;

/** The channel of a DMA device. Addresses leave Java here: each lies in a segment whose bounds were checked. */
public final class DmaCopyChannel implements CopyChannel {
    private final DmaDev device;
    private final DmaChannel channel;

    /** @param channel of the device, started */
    public DmaCopyChannel(DmaDev device, DmaChannel channel) {
        this.device = device;
        this.channel = channel;
    }

    @Override
    public int capacity() {
        return channel.capacity();
    }

    @Override
    public boolean copy(
            MemorySegment source, long sourceOffset, MemorySegment destination, long destinationOffset, int length) {
        return channel.copy(source.address() + sourceOffset, destination.address() + destinationOffset, length);
    }

    @Override
    public void submit() {
        channel.submit();
    }

    @Override
    public int completed(int most) {
        return channel.completed(most);
    }

    @Override
    public boolean takeFailure() {
        // One that did well after all is copied once more: no harm.
        return channel.hasFailure() && channel.takeFailure() >= 0;
    }

    @Override
    public void await() {
        Thread.onSpinWait();
    }

    @Override
    public void stop() {
        device.stop();
    }
}
