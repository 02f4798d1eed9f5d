package dev.toehold.engine.config;

/** What connections are taken for. The order is that of the values of {@code Option.CHARACTERISTIC}. */
public enum Characteristic {
    AUTO,
    INTERACTIVE,
    BULK
}
