package dev.toehold.perf.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoStackTest {
    private final List<String> undone = new ArrayList<>();

    @Test
    void shouldUndoNewestFirstAndOnce() {
        UndoStack undo = new UndoStack();
        undo.push(() -> undone.add("first"));
        undo.push(() -> {
            throw new IllegalStateException("a step of this test that fails");
        });
        undo.push(() -> undone.add("last"));
        undo.close();
        undo.close();
        assertEquals(List.of("last", "first"), undone);
    }

    @Test
    void shouldUndoAtOnceWhatComesTooLate() {
        UndoStack undo = new UndoStack();
        undo.close();
        assertThrows(IllegalStateException.class, () -> undo.push(() -> undone.add("late")));
        assertEquals(List.of("late"), undone);
    }
}
