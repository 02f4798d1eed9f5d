package dev.toehold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ResultCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ListingTest {
    private static final String CONNECTIONS = """
            {"schema": "toehold/connections/1", "items": [
              {"id": 17, "state": "ESTABLISHED", "local": "10.0.0.2:7", "rttNs": 1500000, "placedBytes": 12},
              {"id": 4294967313, "state": "LISTEN", "local": "[fd00::2]:80", "rttNs": null, "placedBytes": 1234567}]}
            """;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Function<String, List<ControlBody>> answers, String... arguments) {
        Path path = directory.resolve("c.sock");
        try (FakeEngine engine = new FakeEngine(path, answers)) {
            assertTrue(engine != null);
            return execute(path, arguments);
        }
    }

    private int execute(Path path, String... arguments) {
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--socket";
        all[arguments.length + 1] = path.toString();
        return commandLine.execute(all);
    }

    @Test
    void shouldPrintATableFromSeveralMessages() {
        int cut = CONNECTIONS.length() / 2;

        int code = run(
                request -> List.of(
                        new ControlBody.AdminReply(CONNECTIONS.substring(0, cut)),
                        new ControlBody.AdminReply(CONNECTIONS.substring(cut))),
                "connections");

        assertEquals(0, code, err::toString);
        assertEquals("""
                        ID  STATE        LOCAL           RTT  PLACED-BYTES
                        17  ESTABLISHED  10.0.0.2:7    1.5ms            12
                4294967313  LISTEN       [fd00::2]:80      -       1234567
                """, out.toString());
    }

    @Test
    void shouldPassJsonOnAsItIs() {
        int code = run(request -> List.of(new ControlBody.AdminReply(CONNECTIONS)), "connections", "--format", "json");

        assertEquals(0, code);
        assertEquals(CONNECTIONS, out.toString());
    }

    @Test
    void shouldShowOneConnectionInLines() {
        int code = run(
                request -> {
                    assertEquals("connections 17", request);
                    return List.of(
                            new ControlBody.AdminReply(
                                    "{\"items\": [{\"id\": 17, \"rttNs\": 900, \"options\": [\"sack\", \"wscale\"], \"labels\": {\"lcore\": 0}}]}"));
                },
                "connections",
                "17");

        assertEquals(0, code);
        assertEquals("""
                id       17
                rtt      900ns
                options  sack,wscale
                labels   lcore=0
                """, out.toString());
    }

    @Test
    void shouldSayWhatTheEngineSays() {
        int code =
                run(request -> List.of(new ControlBody.Reply(ResultCode.STALE, "id=9 is no connection")), "abort", "9");

        assertEquals(1, code);
        assertEquals("toehold: id=9 is no connection\n", err.toString());
    }

    @Test
    void shouldSayWhatToDoWithoutEngine() {
        int code = execute(directory.resolve("none.sock"), "counters");

        assertEquals(1, code);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains("toehold run --config FILE"), err::toString);
    }

    @Test
    void shouldRefuseWrongUsageInOneLine() {
        assertEquals(2, execute(directory, "abort", "all"));
        assertEquals(2, execute(directory, "connections", "--format", "xml"));
        assertEquals(2, execute(directory, "nonsense"));
        assertEquals(3, err.toString().lines().count(), err::toString);
    }

    @Test
    void shouldGiveEveryCommandHelpWithAnExample() {
        for (Map.Entry<String, CommandLine> command :
                Main.commandLine().getSubcommands().entrySet()) {
            StringWriter help = new StringWriter();
            command.getValue().usage(new PrintWriter(help));
            assertTrue(help.toString().contains("Example: toehold " + command.getKey()), help::toString);
        }
    }
}
