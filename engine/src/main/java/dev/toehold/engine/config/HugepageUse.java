package dev.toehold.engine.config;

/** Where DPDK's memory comes from. */
public enum HugepageUse {
    IF_FREE,
    REQUIRED,
    NEVER
}
