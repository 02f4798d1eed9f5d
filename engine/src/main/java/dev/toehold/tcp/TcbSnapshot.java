package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A copy of one record for a thread that does not own it. The owner is not asked and does not notice: the record is copied until two copies in
 * succession agree, at most {@link #ATTEMPTS} times. Then no word changed between its two reads, so what is there is the
 * record as it was at the moment when the first copy ended; that moment may lie between two stores of one segment's work. A copy that
 * never agreed is of a connection under load: each field is whole, two may be of two moments, and {@link #isStable} says so.
 */
public final class TcbSnapshot {
    static final int ATTEMPTS = 16;

    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.nativeOrder()).varHandle();
    private static final int WORDS = TcbLayout.LENGTH / Long.BYTES;

    private final MemorySegment records;
    private final long[] words = new long[WORDS];
    private final Tcb copy = new Tcb(MemorySegment.ofArray(words)).wrap(0);
    private boolean stable;

    public TcbSnapshot(MemorySegment records) {
        this.records = records;
    }

    /** Copies the record of this index; the result is valid until the next call. */
    public Tcb take(int index) {
        long base = (long) index * TcbLayout.LENGTH;
        copyOnce(base);
        stable = false;
        for (int attempt = 1; attempt < ATTEMPTS && !stable; attempt++) {
            stable = !copyOnce(base);
        }
        return copy;
    }

    /** Whether two copies in succession agreed. */
    public boolean isStable() {
        return stable;
    }

    /** True = something differs from the copy before. The first word holds the state: it is read first, with acquire. */
    private boolean copyOnce(long base) {
        long changed = 0;
        for (int i = 0; i < WORDS; i++) {
            long word = (long) LONG.getAcquire(records, base + (long) i * Long.BYTES);
            changed |= word ^ words[i];
            words[i] = word;
        }
        return changed != 0;
    }
}
