package dev.toehold.engine.config;

/** Table {@code [metrics]}. */
public record MetricsSettings(
        @Setting(
                ifAbsent = "\"\"",
                meaning = "ADDRESS:PORT on which /metrics and /healthz answer, such as \"127.0.0.1:9464\" or"
                        + " \"[::1]:9464\". Empty: none.")
        Endpoint listen) {}
