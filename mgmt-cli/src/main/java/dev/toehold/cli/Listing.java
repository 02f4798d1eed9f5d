package dev.toehold.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What all commands have in common that print what an engine knows: JSON is the engine's own, tables are made here. */
abstract class Listing implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    enum Format {
        TABLE,
        JSON
    }

    @Mixin
    private SocketOption socket;

    @Option(names = "--format", paramLabel = "table|json", defaultValue = "table", description = "Default: table.")
    private Format format;

    @Spec
    private CommandSpec spec;

    /** The request to the engine, such as {@code connections 17}. */
    abstract String request();

    /** What is printed instead of an engine's answer, or null. */
    String withoutEngine() {
        return null;
    }

    /** Whether a table of one row is better read as lines of names and values. */
    boolean isDetail() {
        return false;
    }

    @Override
    public final Integer call() {
        String ownText = withoutEngine();
        if (ownText != null) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(ownText);
            out.flush();
            return 0;
        }
        String request = request();
        String answer = AdminConnection.askOnce(socket.path(), request);
        PrintWriter out = spec.commandLine().getOut();
        if (format == Format.JSON) {
            out.println(answer.strip());
        } else {
            out.print(table(answer));
        }
        out.flush();
        return 0;
    }

    private String table(String answer) {
        try {
            JsonNode root = JSON.readTree(answer);
            JsonNode items = root.has("items")
                    ? root.get("items")
                    : JSON.createArrayNode().add(root);
            return isDetail() ? ListingTable.details(items) : ListingTable.rows(items);
        } catch (JacksonException e) {
            throw new CommandFailedException("the engine's answer is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
