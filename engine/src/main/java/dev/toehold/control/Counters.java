package dev.toehold.control;

import static dev.toehold.control.CountersFileDescriptor.BLOCKS_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.BLOCK_LENGTH_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.COUNTERS_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.MAGIC_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.NAMES_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.NAME_LENGTH;
import static dev.toehold.control.CountersFileDescriptor.PID_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.READY_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.STARTED_NS_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.VALUES_OFFSET_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.VERSION_OFFSET;

import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.RegularFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** The counters file ({@link CountersFileDescriptor}): made at start, one block for each writer. */
public final class Counters implements AutoCloseable {
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int MODE = 0640;

    private final List<CounterDescriptor> descriptors;
    private final Mapping mapping;
    private final MemorySegment memory;
    private final int blocks;

    private Counters(List<CounterDescriptor> descriptors, Mapping mapping, int blocks) {
        this.descriptors = descriptors;
        this.mapping = mapping;
        this.memory = mapping.segment();
        this.blocks = blocks;
    }

    /**
     * Makes the file anew.
     *
     * @param writers lcores; one more block is for the engine as a whole
     */
    public static Counters create(Path path, List<CounterDescriptor> descriptors, int writers) {
        int count = descriptors.size();
        int blocks = writers + 1;
        long length = CountersFileDescriptor.length(count, blocks);
        try (RegularFile file = RegularFile.openOrCreate(path.toString(), MODE)) {
            file.truncate(0);
            file.allocate(length);
            Mapping mapping = Mapping.map(file.fd(), 0, length, Mapping.Access.READ_WRITE);
            Counters counters = new Counters(List.copyOf(descriptors), mapping, blocks);
            counters.writeHeader();
            return counters;
        }
    }

    private void writeHeader() {
        int count = descriptors.size();
        Instant now = Instant.now();
        LONG.set(memory, (long) MAGIC_OFFSET, CountersFileDescriptor.MAGIC);
        INT.set(memory, (long) VERSION_OFFSET, CountersFileDescriptor.VERSION);
        INT.set(memory, (long) COUNTERS_OFFSET, count);
        INT.set(memory, (long) BLOCKS_OFFSET, blocks);
        INT.set(memory, (long) PID_OFFSET, (int) ProcessHandle.current().pid());
        LONG.set(memory, (long) STARTED_NS_OFFSET, now.getEpochSecond() * NS_PER_SECOND + now.getNano());
        LONG.set(memory, (long) VALUES_OFFSET_OFFSET, CountersFileDescriptor.valuesOffset(count));
        LONG.set(memory, (long) BLOCK_LENGTH_OFFSET, CountersFileDescriptor.blockLength(count));
        for (int i = 0; i < count; i++) {
            CounterDescriptor descriptor = descriptors.get(i);
            byte[] name = (descriptor.name() + ' ' + descriptor.unit()).getBytes(StandardCharsets.US_ASCII);
            if (name.length >= NAME_LENGTH) {
                throw new IllegalArgumentException("counter name=" + descriptor.name() + " is too long for the file");
            }
            MemorySegment.copy(
                    name, 0, memory, ValueLayout.JAVA_BYTE, NAMES_OFFSET + (long) i * NAME_LENGTH, name.length);
        }
        INT.setRelease(memory, (long) READY_OFFSET, 1);
    }

    public List<CounterDescriptor> descriptors() {
        return descriptors;
    }

    public int blocks() {
        return blocks;
    }

    /** Stores a value; only the block's one writer does. */
    public void set(int block, int counter, long value) {
        LONG.setOpaque(memory, offset(block, counter), value);
    }

    public long get(int block, int counter) {
        return (long) LONG.getOpaque(memory, offset(block, counter));
    }

    /** Over all blocks. */
    public long sum(int counter) {
        long sum = 0;
        for (int block = 0; block < blocks; block++) {
            sum += get(block, counter);
        }
        return sum;
    }

    /** Index of the counter of this name, or -1. */
    public int indexOf(String name) {
        for (int i = 0; i < descriptors.size(); i++) {
            if (descriptors.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private long offset(int block, int counter) {
        int count = descriptors.size();
        if (block < 0 || block >= blocks || counter < 0 || counter >= count) {
            throw new IndexOutOfBoundsException("block=" + block + ", counter=" + counter);
        }
        return CountersFileDescriptor.valuesOffset(count)
                + block * CountersFileDescriptor.blockLength(count)
                + (long) counter * Long.BYTES;
    }

    /** Unmaps; the file stays for whoever looks later. No writer may be left. */
    @Override
    public void close() {
        mapping.close();
    }
}
