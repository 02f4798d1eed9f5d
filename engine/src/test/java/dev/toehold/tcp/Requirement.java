package dev.toehold.tcp;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The requirement that a test shows. Its name and clause are those of {@code requirements.tsv}, which has the level and the text. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(Requirement.All.class)
public @interface Requirement {
    int rfc();

    /** For example {@code MUST-20}. */
    String id();

    String clause();

    /** Several. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface All {
        Requirement[] value();
    }
}
