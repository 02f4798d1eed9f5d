package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.net.TcpOptions;
import java.lang.foreign.MemorySegment;

/** Up to 40 bytes of TCP options; what was read must be within what the RFCs allow. */
final class OptionsTarget {
    private static final int MAX_LENGTH = 40;

    private OptionsTarget() {}

    static void run(byte[] input) {
        int length = Math.min(input.length, MAX_LENGTH);
        byte[] exact = new FuzzInput(input).take(length);
        TcpOptions options = new TcpOptions();
        int result = options.parse(MemorySegment.ofArray(exact), 0, length);
        check(result <= TcpOptions.OK && result >= TcpOptions.BAD_LENGTH, "result", result);
        if (options.has(TcpOptions.HAS_WINDOW_SCALE)) {
            check(options.windowScale() <= TcpOptions.MAX_WINDOW_SCALE, "shift", options.windowScale());
        }
        int blocks = options.sackBlockCount();
        check(blocks >= 0 && blocks <= TcpOptions.MAX_SACK_BLOCKS, "blocks", blocks);
        long sum = 0;
        for (int i = 0; i < blocks; i++) {
            sum += options.sackLeftEdge(i) ^ options.sackRightEdge(i);
        }
        TcpOptions again = new TcpOptions();
        int second = again.parse(MemorySegment.ofArray(exact), 0, length);
        check(second == result && again.sackBlockCount() == blocks, "not the same twice", sum);
    }
}
