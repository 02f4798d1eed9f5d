package dev.toehold.client;

import static dev.toehold.abi.QueuePairDescriptor.INT;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.SHORT;

import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.CompletionFlag;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One completion, read once from the ring; fields as in {@link CompletionDescriptor}. */
final class CompletionView {
    long userData;
    long handle;
    long position;
    int result;
    int flags;
    int op;
    int buffer;
    int bufferOffset;
    int length;
    int more;
    long arg0;
    long arg1;

    void load(MemorySegment memory, long at) {
        userData = (long) LONG.get(memory, at + CompletionDescriptor.USER_DATA_OFFSET);
        handle = (long) LONG.get(memory, at + CompletionDescriptor.HANDLE_OFFSET);
        position = (long) LONG.get(memory, at + CompletionDescriptor.POSITION_OFFSET);
        result = (int) INT.get(memory, at + CompletionDescriptor.RESULT_OFFSET);
        flags = Short.toUnsignedInt((short) SHORT.get(memory, at + CompletionDescriptor.FLAGS_OFFSET));
        op = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.OP_OFFSET));
        buffer = (int) INT.get(memory, at + CompletionDescriptor.BUFFER_OFFSET);
        bufferOffset = (int) INT.get(memory, at + CompletionDescriptor.BUFFER_OFFSET_OFFSET);
        length = (int) INT.get(memory, at + CompletionDescriptor.LENGTH_OFFSET);
        more = (int) INT.get(memory, at + CompletionDescriptor.MORE_OFFSET);
        arg0 = (long) LONG.get(memory, at + CompletionDescriptor.ARG0_OFFSET);
        arg1 = (long) LONG.get(memory, at + CompletionDescriptor.ARG1_OFFSET);
    }

    boolean hasFlag(int flag) {
        return (flags & flag) != 0;
    }

    boolean isEndOfStream() {
        return hasFlag(CompletionFlag.EOF);
    }

    EngineProtocolException violation(String what) {
        return new EngineProtocolException(
                "engine completion op=" + op + " handle=0x" + Long.toHexString(handle) + " position=" + position
                        + " result=" + result + " flags=" + flags + " length=" + length + ": " + what);
    }
}
