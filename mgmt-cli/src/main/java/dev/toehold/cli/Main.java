package dev.toehold.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of every subcommand. */
@Command(
        name = "toehold",
        description =
                "A TCP offload engine in software: terminates TCP on a network port for the processes of this host.",
        mixinStandardHelpOptions = true,
        version = "toehold " + Main.VERSION,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            ServeCommand.class,
            StatusCommand.class,
            PortsCommand.class,
            ConnectionsCommand.class,
            ListenersCommand.class,
            ClientsCommand.class,
            RegionsCommand.class,
            CountersCommand.class,
            FlushCommand.class,
            AbortCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
        },
        footer = {
            "",
            "  bench [NAME]            Measures the engine next to the kernel's TCP.",
            "  test [MAVEN OPTION...]  Installs what the tests need and runs them.",
            "  --install [COMMAND...]  Installs missing packages first (root, Debian 12).",
            "",
            "Example: toehold demo --size 256M",
        })
public final class Main implements Runnable {
    static final String VERSION = "0.1.0";

    /** Exit code: the command was understood and failed. */
    static final int FAILED = CommandLine.ExitCode.SOFTWARE;

    @Spec
    private CommandSpec spec;

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        Termination.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return commandLine(new Main());
    }

    /** Runs a command with the manners of all of them: errors in one line on stderr, exit codes 0, 1 and 2. */
    public static CommandLine commandLine(Object command) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setParameterExceptionHandler(Main::onWrongUsage)
                .setExecutionExceptionHandler(Main::onFailure);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int onWrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        error(
                command.getErr(),
                e.getMessage() + "; see `" + command.getCommandSpec().qualifiedName() + " --help`");
        return CommandLine.ExitCode.USAGE;
    }

    private static int onFailure(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        if (e instanceof CommandFailedException) {
            error(command.getErr(), e.getMessage());
        } else {
            error(command.getErr(), "internal error, please report it: " + e);
            e.printStackTrace(command.getErr());
        }
        return FAILED;
    }

    private static void error(PrintWriter err, String message) {
        err.println("toehold: "
                + message.lines()
                        .map(String::strip)
                        .reduce((a, b) -> a + " " + b)
                        .orElse(""));
        err.flush();
    }
}
