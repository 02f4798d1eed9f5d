package dev.toehold.stack.link;

import dev.toehold.stack.FrameOutput;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Keeps what the link layer sends, and insists on the order of begin, send and cancel. */
final class CapturedFrames implements FrameOutput {
    /** A frame that was sent; who takes it may change its bytes. */
    static final class Frame {
        private final int portIndex;
        private final byte[] bytes;

        Frame(int portIndex, byte[] bytes) {
            this.portIndex = portIndex;
            this.bytes = bytes;
        }

        int portIndex() {
            return portIndex;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    private static final int OFFSET = 128;

    private final MemorySegment memory = Arena.ofAuto().allocate(16_384);
    private final List<Frame> frames = new ArrayList<>();
    private int capacity = 1514;
    private boolean isFull;
    private boolean isCapturing = true;
    private int begun = -1;
    private int cancelled;
    private long sent;

    @Override
    public boolean begin(int portIndex) {
        if (begun >= 0) {
            throw new IllegalStateException("begun=" + begun);
        }
        if (isFull) {
            return false;
        }
        begun = portIndex;
        return true;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long offset() {
        return OFFSET;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void send(int length) {
        if (begun < 0 || length < 14 || length > capacity) {
            throw new IllegalStateException("begun=" + begun + " length=" + length + " capacity=" + capacity);
        }
        if (isCapturing) {
            frames.add(new Frame(begun, memory.asSlice(OFFSET, length).toArray(ValueLayout.JAVA_BYTE)));
        }
        sent++;
        begun = -1;
    }

    @Override
    public void cancel() {
        if (begun < 0) {
            throw new IllegalStateException("nothing begun");
        }
        cancelled++;
        begun = -1;
    }

    /** What was sent since the last call. */
    List<Frame> take() {
        List<Frame> taken = List.copyOf(frames);
        frames.clear();
        return taken;
    }

    long sent() {
        return sent;
    }

    int cancelled() {
        return cancelled;
    }

    void capacity(int value) {
        capacity = value;
    }

    void full(boolean value) {
        isFull = value;
    }

    void capture(boolean value) {
        isCapturing = value;
    }
}
