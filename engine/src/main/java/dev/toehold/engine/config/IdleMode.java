package dev.toehold.engine.config;

/** What a poll thread does when there is no work. */
public enum IdleMode {
    ADAPTIVE,
    SPIN
}
