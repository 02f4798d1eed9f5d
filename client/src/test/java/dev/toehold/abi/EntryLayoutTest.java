package dev.toehold.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Sizes and offsets of the three ring entries. Every field lies on a multiple of its size, so C structs match. */
class EntryLayoutTest {
    @Test
    void shouldFreezeSubmission() {
        assertEquals(0, SubmissionDescriptor.OP_OFFSET);
        assertEquals(1, SubmissionDescriptor.FLAGS_OFFSET);
        assertEquals(2, SubmissionDescriptor.GROUP_OFFSET);
        assertEquals(4, SubmissionDescriptor.MIN_LENGTH_OFFSET);
        assertEquals(8, SubmissionDescriptor.HANDLE_OFFSET);
        assertEquals(16, SubmissionDescriptor.USER_DATA_OFFSET);
        assertEquals(24, SubmissionDescriptor.POSITION_OFFSET);
        assertEquals(32, SubmissionDescriptor.REGION_OFFSET);
        assertEquals(36, SubmissionDescriptor.LENGTH_OFFSET);
        assertEquals(40, SubmissionDescriptor.OFFSET_OFFSET);
        assertEquals(48, SubmissionDescriptor.ARG_OFFSET);
        assertEquals(56, SubmissionDescriptor.ZERO_OFFSET);
        assertEquals(64, SubmissionDescriptor.LENGTH);
    }

    @Test
    void shouldFreezeCompletion() {
        assertEquals(0, CompletionDescriptor.USER_DATA_OFFSET);
        assertEquals(8, CompletionDescriptor.HANDLE_OFFSET);
        assertEquals(16, CompletionDescriptor.POSITION_OFFSET);
        assertEquals(24, CompletionDescriptor.RESULT_OFFSET);
        assertEquals(28, CompletionDescriptor.FLAGS_OFFSET);
        assertEquals(30, CompletionDescriptor.OP_OFFSET);
        assertEquals(31, CompletionDescriptor.ZERO_OFFSET);
        assertEquals(32, CompletionDescriptor.BUFFER_OFFSET);
        assertEquals(36, CompletionDescriptor.BUFFER_OFFSET_OFFSET);
        assertEquals(40, CompletionDescriptor.LENGTH_OFFSET);
        assertEquals(44, CompletionDescriptor.MORE_OFFSET);
        assertEquals(48, CompletionDescriptor.ARG0_OFFSET);
        assertEquals(56, CompletionDescriptor.ARG1_OFFSET);
        assertEquals(64, CompletionDescriptor.LENGTH);
    }

    @Test
    void shouldFreezeBufferEntry() {
        assertEquals(0, BufferEntryDescriptor.ID_OFFSET);
        assertEquals(4, BufferEntryDescriptor.GROUP_OFFSET);
        assertEquals(6, BufferEntryDescriptor.ZERO_OFFSET);
        assertEquals(8, BufferEntryDescriptor.LENGTH);
    }

    @Test
    void shouldKeepHandleFieldsApart() {
        long handle = Handle.of(255, Handle.MAX_GENERATION, -1);
        assertEquals(-1L, handle);
        assertEquals(0x12_345678_9abcdef0L, Handle.of(0x12, 0x345678, 0x9abcdef0));
        assertEquals(0x12, Handle.lcore(0x12_345678_9abcdef0L));
        assertEquals(0x345678, Handle.generation(0x12_345678_9abcdef0L));
        assertEquals(0x9abcdef0, Handle.index(0x12_345678_9abcdef0L));
        assertEquals(1, Handle.nextGeneration(Handle.MAX_GENERATION));
        assertEquals(2, Handle.nextGeneration(1));
    }

    @Test
    void shouldNameEveryResultCode() {
        assertEquals("OK", ResultCode.name(ResultCode.OK));
        assertEquals("BACK_PRESSURED", ResultCode.name(ResultCode.BACK_PRESSURED));
        assertEquals("INCOMPATIBLE", ResultCode.name(ResultCode.INCOMPATIBLE));
        assertEquals("ENGINE_GONE", ResultCode.name(ResultCode.ENGINE_GONE));
        assertEquals("-17", ResultCode.name(-17));
        assertEquals("1", ResultCode.name(1));
        assertEquals("-2147483648", ResultCode.name(Integer.MIN_VALUE));
    }
}
