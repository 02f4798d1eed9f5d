package dev.toehold.engine.config;

import java.util.OptionalInt;
import java.util.function.Function;

/** Numbers of users and groups. */
final class Ids {
    /** The kernel's ids have 32 bits and -1 is none; this JVM's ints hold those that anybody uses. */
    private static final long MAX_ID = Integer.MAX_VALUE;

    private Ids() {}

    /**
     * A number as it stands, or what the database has for a name.
     *
     * @throws IllegalArgumentException if nobody has it: a rule for nobody is a mistake
     */
    static int parse(String text, String kind, Function<String, OptionalInt> database) {
        if (text.matches("[0-9]{1,10}")) {
            long id = Long.parseLong(text);
            if (id > MAX_ID) {
                throw new IllegalArgumentException(kind + " " + text + " is beyond " + MAX_ID);
            }
            return (int) id;
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException("");
        }
        return database.apply(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "this machine knows no " + kind + " " + text + ": write another name, or the number"));
    }
}
