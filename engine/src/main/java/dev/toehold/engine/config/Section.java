package dev.toehold.engine.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the TOML table that a component of {@link EngineConfig} reads; a list reads an array of tables. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Section {
    String name();

    String meaning();

    /** An array of tables that need not be there; the file to start from has it as a comment. */
    boolean isOptional() default false;
}
