package dev.toehold.cli;

import dev.toehold.engine.config.ConfigException;
import dev.toehold.engine.config.ConfigReference;
import dev.toehold.engine.config.EngineConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code toehold config}: looks at configurations without an engine. */
@Command(
        name = "config",
        description = "Checks or prints configurations.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ConfigCommand.Check.class, ConfigCommand.Print.class},
        footer = {"", "Example: toehold config print > toehold.toml"})
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "check or print is missing");
    }

    @Command(
            name = "check",
            description = "Reads a configuration and prints a line for each problem, with key and line number.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example: toehold config check /etc/toehold/toehold.toml"})
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE", description = "The TOML file.")
        private Path file;

        @Override
        public Integer call() {
            try {
                EngineConfig config = EngineConfig.read(file);
                spec.commandLine()
                        .getOut()
                        .println(file + " is fine: engine \"" + config.engine().name() + "\" with "
                                + config.ports().size() + " port(s)");
                return 0;
            } catch (ConfigException e) {
                PrintWriter err = spec.commandLine().getErr();
                e.problems().forEach(err::println);
                return Main.FAILED;
            }
        }
    }

    @Command(
            name = "print",
            description = {
                "With FILE: prints what it comes to, defaults included.",
                "Without: prints a configuration to start from, with comments on every key.",
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example: toehold config print > toehold.toml"})
    static final class Print implements Runnable {
        enum Format {
            TOML,
            MARKDOWN
        }

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "FILE", arity = "0..1", description = "A TOML file.")
        private Path file;

        @Option(
                names = "--format",
                paramLabel = "toml|markdown",
                defaultValue = "toml",
                description = "markdown prints the reference page.")
        private Format format;

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            if (file != null) {
                out.print(Configurations.read(file).toToml());
            } else {
                out.print(format == Format.TOML ? ConfigReference.toToml() : ConfigReference.toMarkdown());
            }
            out.flush();
        }
    }
}
