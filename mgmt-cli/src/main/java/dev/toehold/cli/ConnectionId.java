package dev.toehold.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A connection as {@code toehold connections} names it. */
final class ConnectionId {
    private static final String FORM = "[0-9]{1,9}";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The connection, as `toehold connections` names it.")
    private String id;

    String value() {
        return checked(spec, id);
    }

    private static String checked(CommandSpec spec, String id) {
        if (!id.matches(FORM)) {
            throw new ParameterException(
                    spec.commandLine(), "ID=" + id + " is no connection: take one from `toehold connections`");
        }
        return id;
    }

    /** The same, where it may be left out. */
    static final class Optional {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec;

        @Parameters(
                paramLabel = "ID",
                arity = "0..1",
                description = "A connection, as the listing names it. Default: all.")
        private String id;

        boolean isGiven() {
            return id != null;
        }

        String value() {
            return checked(spec, id);
        }
    }
}
