package dev.toehold.engine.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares one key of the configuration on the record component that takes its value. The key is the component's name in
 * kebab case; its type is the component's.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Setting {
    /** Nanoseconds, for the range of times. */
    long MS = 1_000_000;

    /** Nanoseconds, for the range of times. */
    long SECOND = 1_000 * MS;

    /** What it is for, in one or two sentences. */
    String meaning();

    /**
     * Value when the key is absent, as written in TOML; empty = the key is required. {@code {section.key}} in it stands
     * for the value of a key declared earlier.
     */
    String ifAbsent() default "";

    /** A value to show in the file to start from instead of the default, as written in TOML; for a required key there must be one. */
    String example() default "";

    /** Range of a number (of each number of a list), in {@link #unit}; of a time in nanoseconds. */
    long min() default 0;

    long max() default Long.MAX_VALUE;

    /** "bytes" for sizes, empty for plain numbers and everything else. */
    String unit() default "";

    /** Regular expression that a text must match entirely. */
    String pattern() default "";

    /** {@link #pattern} in words, for messages and the reference page. */
    String allowed() default "";
}
