package dev.toehold.engine.config;

import dev.toehold.ffi.linux.UserDatabase;

/**
 * A user as the configuration names it.
 *
 * @param text its name or number, or "*"
 * @param uid its number, or {@link #EVERYBODY}
 */
public record UserName(String text, int uid) {
    /** The number of "*": everybody but the engine's own user and root, who are meant only where they are named. */
    public static final int EVERYBODY = -1;

    static UserName parse(String text) {
        return text.equals("*")
                ? new UserName(text, EVERYBODY)
                : new UserName(text, Ids.parse(text, "user", UserDatabase::uidOf));
    }

    @Override
    public String toString() {
        return text;
    }
}
