package dev.toehold.control;

import static dev.toehold.control.CountersFileDescriptor.BLOCKS_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.BLOCK_LENGTH_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.COUNTERS_OFFSET;
import static dev.toehold.control.CountersFileDescriptor.HISTOGRAMS_OFFSET;
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
import dev.toehold.tcp.LogLinearHistogram;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** The counters file ({@link CountersFileDescriptor}): made at start, one block for each writer. */
public final class Counters implements AutoCloseable {
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int MODE = 0640;

    private final List<CounterDescriptor> descriptors;
    private final List<HistogramDescriptor> histograms;

    /** In words from the start of a block: of each histogram's sum, its buckets follow. */
    private final int[] histogramStarts;

    private final Mapping mapping;
    private final MemorySegment memory;
    private final int blocks;
    private final long valuesOffset;
    private final long blockLength;

    private Counters(
            List<CounterDescriptor> descriptors, List<HistogramDescriptor> histograms, Mapping mapping, int blocks) {
        this.descriptors = descriptors;
        this.histograms = histograms;
        this.mapping = mapping;
        this.memory = mapping.segment();
        this.blocks = blocks;
        valuesOffset = CountersFileDescriptor.valuesOffset(descriptors.size(), histograms.size());
        blockLength = CountersFileDescriptor.blockLength(words(descriptors, histograms));
        histogramStarts = new int[histograms.size()];
        int at = descriptors.size();
        for (int i = 0; i < histogramStarts.length; i++) {
            histogramStarts[i] = at;
            at += 1 + histograms.get(i).buckets();
        }
    }

    private static long words(List<CounterDescriptor> descriptors, List<HistogramDescriptor> histograms) {
        return descriptors.size()
                + histograms.stream().mapToLong(h -> 1 + h.buckets()).sum();
    }

    /**
     * Makes the file anew.
     *
     * @param writers lcores; one more block is for the engine as a whole
     */
    public static Counters create(
            Path path, List<CounterDescriptor> descriptors, List<HistogramDescriptor> histograms, int writers) {
        int blocks = writers + 1;
        long length = CountersFileDescriptor.valuesOffset(descriptors.size(), histograms.size())
                + blocks * CountersFileDescriptor.blockLength(words(descriptors, histograms));
        try (RegularFile file = RegularFile.openOrCreate(path.toString(), MODE)) {
            file.truncate(0);
            file.allocate(length);
            Mapping mapping = Mapping.map(file.fd(), 0, length, Mapping.Access.READ_WRITE);
            Counters counters = new Counters(List.copyOf(descriptors), List.copyOf(histograms), mapping, blocks);
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
        LONG.set(memory, (long) VALUES_OFFSET_OFFSET, valuesOffset);
        LONG.set(memory, (long) BLOCK_LENGTH_OFFSET, blockLength);
        INT.set(memory, (long) HISTOGRAMS_OFFSET, histograms.size());
        for (int i = 0; i < count; i++) {
            CounterDescriptor descriptor = descriptors.get(i);
            writeName(i, descriptor.key() + ' ' + descriptor.unit());
        }
        for (int i = 0; i < histograms.size(); i++) {
            HistogramDescriptor histogram = histograms.get(i);
            writeName(count + i, histogram.name() + ' ' + histogram.unit() + ' ' + histogram.buckets());
        }
        INT.setRelease(memory, (long) READY_OFFSET, 1);
    }

    private void writeName(int index, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length >= NAME_LENGTH) {
            throw new IllegalArgumentException("counter name=" + text + " is too long for the file");
        }
        MemorySegment.copy(
                bytes, 0, memory, ValueLayout.JAVA_BYTE, NAMES_OFFSET + (long) index * NAME_LENGTH, bytes.length);
    }

    public List<CounterDescriptor> descriptors() {
        return descriptors;
    }

    public List<HistogramDescriptor> histograms() {
        return histograms;
    }

    public int blocks() {
        return blocks;
    }

    /** Stores a value; only the block's one writer does. */
    public void set(int block, int counter, long value) {
        LONG.setOpaque(memory, offset(block, Objects.checkIndex(counter, descriptors.size())), value);
    }

    public long get(int block, int counter) {
        return word(block, Objects.checkIndex(counter, descriptors.size()));
    }

    /** Stores a histogram; only the block's one writer does. */
    void set(int block, int histogram, LogLinearHistogram value) {
        int start = histogramStarts[histogram];
        LONG.setOpaque(memory, offset(block, start), value.sum());
        for (int i = 0; i < value.buckets(); i++) {
            LONG.setOpaque(memory, offset(block, start + 1 + i), value.count(i));
        }
    }

    /** Of one block. */
    HistogramValue histogram(int block, int histogram) {
        HistogramValue value = new HistogramValue(histograms.get(histogram).buckets());
        addTo(value, block, histogram);
        return value;
    }

    /** Over all lcores. */
    HistogramValue histogram(int histogram) {
        HistogramValue value = new HistogramValue(histograms.get(histogram).buckets());
        for (int block = 0; block < blocks - 1; block++) {
            addTo(value, block, histogram);
        }
        return value;
    }

    private void addTo(HistogramValue value, int block, int histogram) {
        int start = histogramStarts[histogram];
        value.addSum(word(block, start));
        for (int i = 0; i < value.buckets(); i++) {
            value.add(i, word(block, start + 1 + i));
        }
    }

    /** Over all blocks. */
    public long sum(int counter) {
        long sum = 0;
        for (int block = 0; block < blocks; block++) {
            sum += get(block, counter);
        }
        return sum;
    }

    /** Index of the first counter of this name, or -1. */
    public int indexOf(String name) {
        for (int i = 0; i < descriptors.size(); i++) {
            if (descriptors.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private long word(int block, int word) {
        return (long) LONG.getOpaque(memory, offset(block, word));
    }

    private long offset(int block, int word) {
        return valuesOffset + Objects.checkIndex(block, blocks) * blockLength + (long) word * Long.BYTES;
    }

    /** Unmaps; the file stays for whoever looks later. No writer may be left. */
    @Override
    public void close() {
        mapping.close();
    }
}
