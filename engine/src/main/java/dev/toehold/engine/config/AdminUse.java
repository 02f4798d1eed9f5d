package dev.toehold.engine.config;

/** What clients that a rule matches may ask about the engine as a whole. */
public enum AdminUse {
    /** Nothing. */
    NONE,
    /** Listings. */
    READ,
    /** Listings, and what changes something: flush, abort. */
    ALL
}
