package dev.toehold.cli;

import dev.toehold.cli.demo.Demo;
import dev.toehold.ffi.linux.Capabilities;
import dev.toehold.ffi.linux.Capabilities.Capability;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold demo}. */
@Command(
        name = "demo",
        description = {
            "Shows real TCP through the engine, without any configuration: makes two network namespaces joined by a veth,"
                    + " starts an engine on one end and a web server as its client, and lets the kernel's TCP (curl) on the"
                    + " other end download and upload. Compares SHA-256 at both ends, prints what the counters say, and"
                    + " removes all it made.",
            "Exits with 1 if a byte is missing, if the port's counters do not account for the payload, or if the kernel held"
                    + " a TCP socket on the engine's side. Needs root.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold demo --size 256M"})
final class DemoCommand implements Callable<Integer> {
    private static final long MAX_SIZE = 1L << 40;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "1G",
            converter = ServeCommand.SizeConverter.class,
            description = "Bytes of each transfer, such as 256M. Default: ${DEFAULT-VALUE}.")
    private long size;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "0",
            description = "Go on with transfers for so long. Default: one each way.")
    private int seconds;

    @Override
    public Integer call() throws Exception {
        if (size < 1 || size > MAX_SIZE || seconds < 0) {
            throw new ParameterException(spec.commandLine(), "--size must be from 1 to 1T, --seconds 0 or more");
        }
        Set<Capability> missing = Capabilities.ofCurrentThread()
                .missing(EnumSet.of(Capability.CAP_SYS_ADMIN, Capability.CAP_NET_ADMIN, Capability.CAP_NET_RAW));
        if (!missing.isEmpty()) {
            throw new CommandFailedException("the demo makes network namespaces, which takes " + missing
                    + ": run `sudo " + launcher() + " demo`");
        }
        new Demo(
                        launcher(),
                        size,
                        seconds,
                        AdminConnection::askOnce,
                        spec.commandLine().getOut())
                .run();
        return 0;
    }

    private static String launcher() {
        String launcher = System.getProperty("toehold.launcher");
        if (launcher == null) {
            throw new CommandFailedException(
                    "the demo starts other processes: run it by the launcher, `./toehold demo`");
        }
        return launcher;
    }
}
