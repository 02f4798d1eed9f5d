package dev.toehold.engine.config;

/** Congestion controls by the names that the configuration uses. */
public enum CongestionAlgorithm {
    CUBIC,
    RENO
}
