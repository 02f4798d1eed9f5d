package dev.toehold.engine.config;

import dev.toehold.ffi.linux.UserDatabase;

/**
 * A group as the configuration names it.
 *
 * @param text its name or number; empty = none
 * @param gid its number, or {@link #NONE}
 */
public record GroupName(String text, int gid) {
    /** The number of the empty text. */
    public static final int NONE = -1;

    static GroupName parse(String text) {
        return new GroupName(text, Ids.parse(text, "group", UserDatabase::gidOf));
    }

    /** Like {@link #parse}, and the empty text. */
    static GroupName parseOptional(String text) {
        return text.isEmpty() ? new GroupName(text, NONE) : parse(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
