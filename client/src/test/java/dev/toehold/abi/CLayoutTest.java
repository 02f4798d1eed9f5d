package dev.toehold.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A C compiler sees the same layout as the Java constants, from structs written after the Javadoc. */
class CLayoutTest {
    @Test
    void shouldMatchStructsOfC(@TempDir Path directory) throws IOException, InterruptedException {
        assumeTrue(runs("cc", "--version"), "no C compiler (cc) on this machine");
        Path program = directory.resolve("abi_layout");
        Path source = Path.of("src/test/c/abi_layout.c").toAbsolutePath();
        assertEquals(
                "", run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), source.toString()));
        Map<String, Integer> actual = new TreeMap<>();
        run(program.toString()).lines().forEach(line -> {
            int space = line.indexOf(' ');
            actual.put(line.substring(0, space), Integer.parseInt(line, space + 1, line.length(), 10));
        });
        assertEquals(expected(), actual);
    }

    private static Map<String, Integer> expected() {
        Map<String, Integer> layout = new TreeMap<>();
        layout.put("submission", SubmissionDescriptor.LENGTH);
        layout.put("submission.op", SubmissionDescriptor.OP_OFFSET);
        layout.put("submission.flags", SubmissionDescriptor.FLAGS_OFFSET);
        layout.put("submission.group", SubmissionDescriptor.GROUP_OFFSET);
        layout.put("submission.minLength", SubmissionDescriptor.MIN_LENGTH_OFFSET);
        layout.put("submission.handle", SubmissionDescriptor.HANDLE_OFFSET);
        layout.put("submission.userData", SubmissionDescriptor.USER_DATA_OFFSET);
        layout.put("submission.position", SubmissionDescriptor.POSITION_OFFSET);
        layout.put("submission.region", SubmissionDescriptor.REGION_OFFSET);
        layout.put("submission.length", SubmissionDescriptor.LENGTH_OFFSET);
        layout.put("submission.offset", SubmissionDescriptor.OFFSET_OFFSET);
        layout.put("submission.arg", SubmissionDescriptor.ARG_OFFSET);
        layout.put("submission.zero", SubmissionDescriptor.ZERO_OFFSET);
        layout.put("completion", CompletionDescriptor.LENGTH);
        layout.put("completion.userData", CompletionDescriptor.USER_DATA_OFFSET);
        layout.put("completion.handle", CompletionDescriptor.HANDLE_OFFSET);
        layout.put("completion.position", CompletionDescriptor.POSITION_OFFSET);
        layout.put("completion.result", CompletionDescriptor.RESULT_OFFSET);
        layout.put("completion.flags", CompletionDescriptor.FLAGS_OFFSET);
        layout.put("completion.op", CompletionDescriptor.OP_OFFSET);
        layout.put("completion.zero", CompletionDescriptor.ZERO_OFFSET);
        layout.put("completion.buffer", CompletionDescriptor.BUFFER_OFFSET);
        layout.put("completion.bufferOffset", CompletionDescriptor.BUFFER_OFFSET_OFFSET);
        layout.put("completion.length", CompletionDescriptor.LENGTH_OFFSET);
        layout.put("completion.more", CompletionDescriptor.MORE_OFFSET);
        layout.put("completion.arg0", CompletionDescriptor.ARG0_OFFSET);
        layout.put("completion.arg1", CompletionDescriptor.ARG1_OFFSET);
        layout.put("buffer", BufferEntryDescriptor.LENGTH);
        layout.put("buffer.id", BufferEntryDescriptor.ID_OFFSET);
        layout.put("buffer.group", BufferEntryDescriptor.GROUP_OFFSET);
        layout.put("buffer.zero", BufferEntryDescriptor.ZERO_OFFSET);
        layout.put("queuePair", QueuePairDescriptor.RINGS_OFFSET);
        layout.put("queuePair.magic", QueuePairDescriptor.MAGIC_OFFSET);
        layout.put("queuePair.abiMajor", QueuePairDescriptor.ABI_MAJOR_OFFSET);
        layout.put("queuePair.abiMinor", QueuePairDescriptor.ABI_MINOR_OFFSET);
        layout.put("queuePair.sqEntries", QueuePairDescriptor.SQ_ENTRIES_OFFSET);
        layout.put("queuePair.cqEntries", QueuePairDescriptor.CQ_ENTRIES_OFFSET);
        layout.put("queuePair.bufEntries", QueuePairDescriptor.BUF_ENTRIES_OFFSET);
        layout.put("queuePair.sqOffset", QueuePairDescriptor.SQ_OFFSET_OFFSET);
        layout.put("queuePair.cqOffset", QueuePairDescriptor.CQ_OFFSET_OFFSET);
        layout.put("queuePair.bufOffset", QueuePairDescriptor.BUF_OFFSET_OFFSET);
        layout.put("queuePair.lcore", QueuePairDescriptor.LCORE_OFFSET);
        layout.put("queuePair.epoch", QueuePairDescriptor.EPOCH_OFFSET);
        layout.put("queuePair.length", QueuePairDescriptor.LENGTH_OFFSET);
        layout.put("queuePair.ready", QueuePairDescriptor.READY_OFFSET);
        layout.put("queuePair.sqTail", QueuePairDescriptor.SQ_TAIL_OFFSET);
        layout.put("queuePair.sqHead", QueuePairDescriptor.SQ_HEAD_OFFSET);
        layout.put("queuePair.cqTail", QueuePairDescriptor.CQ_TAIL_OFFSET);
        layout.put("queuePair.cqHead", QueuePairDescriptor.CQ_HEAD_OFFSET);
        layout.put("queuePair.bufTail", QueuePairDescriptor.BUF_TAIL_OFFSET);
        layout.put("queuePair.bufHead", QueuePairDescriptor.BUF_HEAD_OFFSET);
        layout.put("queuePair.engineNeedWakeup", QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET);
        layout.put("queuePair.clientNeedWakeup", QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET);
        layout.put("queuePair.heartbeatNs", QueuePairDescriptor.HEARTBEAT_NS_OFFSET);
        layout.put("queuePair.copiedBytes", QueuePairDescriptor.COPIED_BYTES_OFFSET);
        layout.put("control.type", ControlMessage.TYPE_OFFSET);
        layout.put("control.flags", ControlMessage.FLAGS_OFFSET);
        layout.put("control.length", ControlMessage.LENGTH_OFFSET);
        layout.put("control.correlation", ControlMessage.CORRELATION_OFFSET);
        layout.put("control.body", ControlMessage.BODY_OFFSET);
        return layout;
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            run(command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("abi-layout", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            int status = process.waitFor();
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertEquals(0, status, text);
            return text;
        } finally {
            Files.delete(output);
        }
    }
}
