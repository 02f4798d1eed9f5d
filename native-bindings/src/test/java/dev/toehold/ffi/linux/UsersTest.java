package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class UsersTest {
    @Test
    void shouldKnowUsersAndGroupsByName() {
        assertEquals(OptionalInt.of(0), UserDatabase.uidOf("root"));
        assertEquals(OptionalInt.of(0), UserDatabase.gidOf("root"));
        assertEquals(OptionalInt.empty(), UserDatabase.uidOf("no-such-user-here"));
        assertEquals(OptionalInt.empty(), UserDatabase.gidOf("no-such-group-here"));
        assertThrows(IllegalArgumentException.class, () -> UserDatabase.uidOf(""));
    }

    @Test
    void shouldTellACompleteMapFromOneWithGaps() {
        IdMap complete = IdMap.parse(List.of("         0          0 4294967295"), "65534\n");
        assertTrue(complete.isComplete());
        assertFalse(complete.isAmbiguous(65534));

        IdMap rootless = IdMap.parse(List.of("0 1000 1", "1 100000 65536"), "65534\n");
        assertFalse(rootless.isComplete());
        assertTrue(rootless.isAmbiguous(65534));
        assertFalse(rootless.isAmbiguous(1000));

        assertFalse(IdMap.parse(List.of(), "65534").isComplete(), "a namespace without a map");
    }

    @Test
    void shouldReadTheMapsOfThisProcess() {
        assertTrue(IdMap.ofUsers().overflow() > 0);
        assertTrue(IdMap.ofGroups().overflow() > 0);
    }
}
