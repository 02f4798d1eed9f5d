package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.junit.jupiter.api.Test;

class EalLogIT {
    private static final MethodHandle PERROR = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("perror"), FunctionDescriptor.ofVoid(ADDRESS));

    private static int perror(final String text) {
        try (Arena arena = Arena.ofConfined()) {
            PERROR.invokeExact(arena.allocateFrom(text));
            return 7;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    @Test
    void shouldCatchWhatEalPrintsToStderr() {
        EalLog.open();
        assertEquals(7, EalLog.caught(() -> perror("caught")));
        final List<String> lines = EalLog.drain();
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).startsWith("caught: "), lines.toString());
        assertEquals(List.of(), EalLog.drain());
    }

    @Test
    void shouldLoseLinesRatherThanBlockWhenNobodyReads() {
        EalLog.open();
        EalLog.caught(() -> {
            for (int i = 0; i < 2000; i++) {
                perror("x".repeat(100));
            }
            return 0;
        });
        final List<String> lines = EalLog.drain();
        assertTrue(lines.size() > 100 && lines.size() < 2000, "lines=" + lines.size());
        EalLog.caught(() -> perror("again"));
        assertTrue(EalLog.cause().startsWith("again: "));
    }
}
