package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import dev.toehold.tcp.ScriptLine.When;
import dev.toehold.tcp.ScriptSegment.Number32;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judge judged: a runner that cannot fail proves nothing. */
class ScriptRunnerTest {
    private static final String OPENING = """
            config grant=40000
            connect
            > S -1 win 40000 <mss 1000>
            +100 < S. -1 ack 0 <mss 1000>
            > . 0 ack 0
            ! connected
            """;

    private static String failureOf(String text) {
        Script script = ScriptParser.parse("t/x.script", text);
        return assertThrows(ScriptRunner.ScriptFailure.class, () -> ScriptRunner.run(script))
                .getMessage();
    }

    @Test
    void shouldAcceptWhatIsRight() {
        ScriptRunner.run(ScriptParser.parse("t/x.script", OPENING));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            > S -1 win 40000 <mss 1000>   | > S. -1 ack 0 win 40000 <mss 1000>   | flags
            > S -1 win 40000 <mss 1000>   | > S 0 win 40000 <mss 1000>           | sequence number
            > S -1 win 40000 <mss 1000>   | > S #0xfffffdff win 40000 <mss 1000> | sequence number
            > S -1 win 40000 <mss 1000>   | > S -1+1 win 40000 <mss 1000>        | length
            > S -1 win 40000 <mss 1000>   | > S -1 win 39999 <mss 1000>          | window
            > S -1 win 40000 <mss 1000>   | > S -1 win 40000 <mss 999>           | option mss
            > S -1 win 40000 <mss 1000>   | > S -1 win 40000 <mss 1000, sackOK>  | option sackOK
            > S -1 win 40000 <mss 1000>   | > S -1 win 40000                     | option mss that nobody
            > S -1 win 40000 <mss 1000>   | > S -1 win 40000 urg 1 <mss 1000>    | urgent pointer
            > S -1 win 40000 <mss 1000>   | > S -1 win 40000 ecn 2 <mss 1000>    | ECN bits
            > S -1 win 40000 <mss 1000>   | +1 > S -1 win 40000 <mss 1000>       | time, due at @1
            > . 0 ack 0                   | > . 0 ack 1                          | acknowledgment number
            > . 0 ack 0                   | nothing                              | which no line asks for
            > . 0 ack 0                   | send 10                              | which no line asks for
            ! connected                   | ! accepted                           | ! connected
            ! connected                   | expect state ESTABLISHED             | ! connected
            """)
    void shouldRefuseWhatIsWrong(String right, String wrong, String reason) {
        String message = failureOf(OPENING.replace(right, wrong));
        assertTrue(message.contains(reason), message);
    }

    @Test
    void shouldNameTheLineAndTellTheStory() {
        String message = failureOf(OPENING + "+20 > P. 0+10 ack 0\n");
        assertEquals("""
                t/x.script:7
                  expected +20 > P. 0+10 ack 0
                  got      nothing until @120
                until then:
                  @0 connect
                  @0 > S -1 win 40000 <mss 1000>
                  @100 < S. -1 ack 0 win 60000 <mss 1000>
                  @100 > . 0 ack 0 win 40000
                  @100 ! connected""", message);
    }

    @Test
    void shouldSeeASegmentThatNobodyExpectedAtTheEnd() {
        assertTrue(failureOf(OPENING + "send 10\n").contains("> P. 0+10"));
        assertTrue(failureOf(OPENING + "abort\n> R. 0 ack 0\n! terminated ABORTED\n")
                .contains("! freed"));
    }

    @Test
    void shouldNotSleepThroughATimer() {
        assertTrue(
                failureOf(OPENING + "send 10\n> P. 0+10 ack 0\n+1000 nothing\n").contains("at @400"));
        assertTrue(failureOf(OPENING + "send 10\n> P. 0+10 ack 0\n+1000 < . 0 ack 10\n")
                .contains("at @400"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            frobnicate                        | no command of that name
            expect nonsense 1                 | nothing to expect
            expect counter nonsense 1         | no counter
            @5 send 1                         | that moment has passed
            """)
    void shouldRefuseWordsThatItDoesNotKnow(String line, String reason) {
        String message = failureOf(OPENING + line + "\n");
        assertTrue(message.contains(reason), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            > X 0                             | flags are letters
            > S. -1                           | flag . and word ack
            > S -1 ack 0                      | flag . and word ack
            > S -1 <mss>                      | no option that
            > S -1 <mss 1000                  | options end with
            > S -1 speed 3                    | a segment has no speed
            > S                               | flags and a sequence number
            +x send 1                         | no command
            +1..0 > S -1                      | ends before it begins
            +0..1 send 1                      | only what is expected
            +1                                | nothing to do
            expect state                      | a name and a value
            config mss=1                      | config lines come first
            """)
    void shouldRefuseWhatIsNoScript(String line, String reason) {
        String text = "connect\n" + line + "\n";
        Throwable refused =
                assertThrows(Throwable.class, () -> ScriptRunner.run(ScriptParser.parse("t/x.script", text)));
        assertTrue(refused.getMessage().contains(reason) || line.startsWith("+x"), refused.getMessage());
        assertTrue(refused.getMessage().contains("t/x.script:"), refused.getMessage());
    }

    @Test
    void shouldRefuseAConfigurationThatItDoesNotKnow() {
        Script script = ScriptParser.parse("t/x.script", "config colour=red\nconnect\n");
        assertThrows(IllegalArgumentException.class, () -> ScriptRunner.run(script));
    }

    /** Every expectation of every script, made wrong one at a time, must fail. */
    @Test
    void shouldFailForEveryMutatedExpectation() throws Exception {
        List<String> survivors = new ArrayList<>();
        int mutants = 0;
        for (Path file : ScriptFiles.all()) {
            Script script = ScriptFiles.parse(file);
            for (int i = 0; i < script.lines().size(); i++) {
                for (ScriptLine.Action wrong : mutations(script.lines().get(i).action())) {
                    mutants++;
                    if (passes(replace(script, i, wrong))) {
                        survivors.add(
                                script.name() + ":" + script.lines().get(i).number() + ": " + wrong);
                    }
                }
            }
        }
        assertEquals(List.of(), survivors, "of " + mutants);
        assertTrue(mutants > 300, "mutants=" + mutants);
    }

    private static boolean passes(Script script) {
        try {
            ScriptRunner.run(script);
            return true;
        } catch (ScriptRunner.ScriptFailure e) {
            return false;
        }
    }

    private static Script replace(Script script, int index, ScriptLine.Action action) {
        List<ScriptLine> lines = new ArrayList<>(script.lines());
        ScriptLine line = lines.get(index);
        When when = line.when();
        When latest = new When(when.absolute(), when.toNs(), when.toNs());
        lines.set(index, new ScriptLine(line.number(), action instanceof ScriptLine.Nothing ? latest : when, action));
        return script.withLines(lines);
    }

    private static List<ScriptLine.Action> mutations(ScriptLine.Action action) {
        return switch (action) {
            case ScriptLine.Expect expect -> {
                ScriptSegment s = expect.segment();
                List<ScriptLine.Action> wrong = new ArrayList<>();
                wrong.add(new ScriptLine.Nothing());
                wrong.add(new ScriptLine.Expect(
                        s.withSeq(new Number32(s.seq().wire(), s.seq().value() + 1))));
                wrong.add(new ScriptLine.Expect(new ScriptSegment(
                        s.flags() ^ Tcp.PSH,
                        s.seq(),
                        s.length(),
                        s.ack(),
                        s.window(),
                        s.urgent(),
                        s.ecn(),
                        s.options())));
                if (s.ack() != null) {
                    Number32 other = new Number32(s.ack().wire(), s.ack().value() - 1);
                    wrong.add(new ScriptLine.Expect(new ScriptSegment(
                            s.flags(), s.seq(), s.length(), other, s.window(), s.urgent(), s.ecn(), s.options())));
                }
                yield wrong;
            }
            case ScriptLine.Event event -> List.of(new ScriptLine.Event(event.text() + "x"));
            case ScriptLine.Query query
            when query.operator().equals("=") -> List.of(new ScriptLine.Query(query.name(), "=", query.value() + "1"));
            default -> List.of();
        };
    }

    @Test
    void shouldTellTimesApartToTheNanosecond() {
        assertEquals(
                new When(true, 1_500_001, 1_500_001),
                ScriptParser.parse("t", "@1.500001 send 1").lines().getFirst().when());
        assertEquals("@1.500001", new When(true, 1_500_001, 1_500_001).toString());
        assertEquals("-0.5", ScriptLine.ms(-500_000));
    }
}
