package dev.toehold.engine.config;

import java.nio.file.Path;
import java.util.List;

/** A checked configuration. Read one with {@link #read} or {@link #parse}; keys that the text leaves out have their default. */
public record EngineConfig(
        @Section(name = "engine", meaning = "The engine process and its poll threads.")
        EngineSettings engine,

        @Section(name = "control", meaning = "Where clients and the management commands attach.")
        ControlSettings control,

        @Section(
                name = "policy",
                isOptional = true,
                meaning =
                        "Who may attach and manage, and what each may use; as many tables as needed, the first that is for a client"
                                + " counts. The engine's own user and root may do everything unless a table names them; nobody else"
                                + " may do anything without a table.")
        List<PolicySettings> policies,

        @Section(name = "port", meaning = "A network port that the engine owns; one table for each.")
        List<PortSettings> ports,

        @Section(name = "tcp", meaning = "TCP, for all connections.")
        TcpSettings tcp,

        @Section(name = "metrics", meaning = "Prometheus metrics and the health check over HTTP.")
        MetricsSettings metrics) {

    public EngineConfig {
        policies = List.copyOf(policies);
        ports = List.copyOf(ports);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException one line for each problem: file, line, key, what is wrong and what is allowed
     */
    public static EngineConfig read(Path file) {
        return ConfigReader.read(file);
    }

    /** Reads text; {@code source} names it in messages. */
    public static EngineConfig parse(String text, String source) {
        return ConfigReader.parse(text, source);
    }

    /** The configuration as TOML, every key written out. Reading it gives an equal configuration. */
    public String toToml() {
        return ConfigWriter.toToml(this);
    }
}
