package dev.toehold.session;

import static dev.toehold.abi.QueuePairDescriptor.LONG;

import dev.toehold.abi.SubmissionDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * A submission as it was at one moment: each field read exactly once from memory that the client may change at any time.
 * Reused for every submission of an lcore.
 */
final class Submission {
    int op;
    int flags;
    int group;
    int minLength;
    long handle;
    long userData;
    long position;
    int region;
    int length;
    long offset;
    long arg;
    long zero;

    void read(MemorySegment memory, long at) {
        long head = word(memory, at + SubmissionDescriptor.OP_OFFSET);
        op = (int) head & 0xff;
        flags = (int) (head >>> 8) & 0xff;
        group = (int) (head >>> 16) & 0xffff;
        minLength = (int) (head >>> 32);
        handle = word(memory, at + SubmissionDescriptor.HANDLE_OFFSET);
        userData = word(memory, at + SubmissionDescriptor.USER_DATA_OFFSET);
        position = word(memory, at + SubmissionDescriptor.POSITION_OFFSET);
        long location = word(memory, at + SubmissionDescriptor.REGION_OFFSET);
        region = (int) location;
        length = (int) (location >>> 32);
        offset = word(memory, at + SubmissionDescriptor.OFFSET_OFFSET);
        arg = word(memory, at + SubmissionDescriptor.ARG_OFFSET);
        zero = word(memory, at + SubmissionDescriptor.ZERO_OFFSET);
    }

    /** Whether what must be zero in every submission is. */
    boolean hasReservedZero() {
        return group == 0 && zero == 0;
    }

    /** Opaque: a plain read could be done twice. */
    private static long word(MemorySegment memory, long at) {
        return (long) LONG.getOpaque(memory, at);
    }
}
