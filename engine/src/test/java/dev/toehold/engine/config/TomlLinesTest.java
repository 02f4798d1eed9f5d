package dev.toehold.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TomlLinesTest {
    @Test
    void shouldFindKeysBehindValuesOfSeveralLines() {
        TomlLines lines = TomlLines.of("""
                a.'b c' = [ # [x]
                  "]", # not the end
                  '#',
                ]
                text = \"""
                [not.a.table]
                key = \\" 1
                \"""
                after = { x = 1 }
                [ t . u ]
                literal = '''
                \\'''
                last = 3
                """);

        assertEquals(1, lines.lineOf("a.b c"));
        assertEquals(5, lines.lineOf("text"));
        assertEquals(9, lines.lineOf("after.x"));
        assertEquals(10, lines.lineOf("t.u"));
        assertEquals(13, lines.lineOf("t.u.last"));
    }

    @Test
    void shouldCountTablesOfAnArray() {
        TomlLines lines = TomlLines.of("[[port]]\na = 1\n[[port]]\na = 2\n[port.x]\nb = 1\n");

        assertEquals(2, lines.lineOf("port[0].a"));
        assertEquals(4, lines.lineOf("port[1].a"));
        assertEquals(6, lines.lineOf("port[1].x.b"));
        assertEquals(3, lines.lineOf("port[1].missing"));
        assertEquals(1, lines.lineOf("nowhere"));
    }
}
