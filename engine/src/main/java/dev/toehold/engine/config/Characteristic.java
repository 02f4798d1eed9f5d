package dev.toehold.engine.config;

/** What connections are taken for. */
public enum Characteristic {
    AUTO,
    INTERACTIVE,
    BULK
}
