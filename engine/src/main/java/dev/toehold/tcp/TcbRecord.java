package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Typed access to the record under the flyweight. Narrow fields are unsigned. */
abstract class TcbRecord {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT_HANDLE = INT.varHandle();
    private static final VarHandle LONG_HANDLE = LONG.varHandle();

    private final MemorySegment records;
    private long base;

    TcbRecord(MemorySegment records) {
        this.records = records;
    }

    final void position(long base) {
        this.base = base;
    }

    final void clear() {
        // Not by a slice: opening a connection allocates nothing either.
        for (int offset = 0; offset < TcbLayout.LENGTH; offset += Long.BYTES) {
            setLong(offset, 0);
        }
    }

    final long getLong(int offset) {
        return records.get(LONG, base + offset);
    }

    final void setLong(int offset, long value) {
        records.set(LONG, base + offset, value);
    }

    final void setLongRelease(int offset, long value) {
        LONG_HANDLE.setRelease(records, base + offset, value);
    }

    final int getInt(int offset) {
        return records.get(INT, base + offset);
    }

    final int getIntAcquire(int offset) {
        return (int) INT_HANDLE.getAcquire(records, base + offset);
    }

    final void setInt(int offset, int value) {
        records.set(INT, base + offset, value);
    }

    final void setIntRelease(int offset, int value) {
        INT_HANDLE.setRelease(records, base + offset, value);
    }

    final int getShort(int offset) {
        return records.get(SHORT, base + offset) & 0xFFFF;
    }

    final void setShort(int offset, int value) {
        records.set(SHORT, base + offset, (short) value);
    }

    final int getByte(int offset) {
        return records.get(BYTE, base + offset) & 0xFF;
    }

    final void setByte(int offset, int value) {
        records.set(BYTE, base + offset, (byte) value);
    }
}
