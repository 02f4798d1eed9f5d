package dev.toehold.cli;

import dev.toehold.cli.serve.HttpFileService;
import dev.toehold.cli.serve.SmallServices;
import dev.toehold.cli.serve.StreamService;
import dev.toehold.engine.config.Size;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code toehold serve}: a client process of the engine. */
@Command(
        name = "serve",
        description = {
            "Serves echo (RFC 862), discard (863), chargen (864), daytime (867) or files over HTTP/1.1, as a client of the"
                    + " engine. Runs until it gets SIGTERM or SIGINT.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold serve http --root /srv/files --listen [::]:80"})
final class ServeCommand implements Callable<Integer> {
    enum Service {
        ECHO,
        DISCARD,
        CHARGEN,
        DAYTIME,
        HTTP
    }

    /** A size such as 16G. */
    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return Size.parse(text);
        }
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private SocketOption socket;

    @Parameters(paramLabel = "echo|discard|chargen|daytime|http", description = "What to serve.")
    private Service service;

    @Option(
            names = "--listen",
            paramLabel = "ADDR:PORT",
            required = true,
            converter = ListenAddress.class,
            description = "An address of the engine; [::] or nothing before the colon: all of both families.")
    private InetSocketAddress local;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "http: the files; PUT writes there. Default: the current directory, read-only.")
    private Path root;

    @Option(
            names = "--max-upload",
            paramLabel = "SIZE",
            defaultValue = "16G",
            converter = SizeConverter.class,
            description = "http: largest body of a PUT. Default: ${DEFAULT-VALUE}.")
    private long maxUploadBytes;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Connections served at a time; more wait. Default: ${DEFAULT-VALUE}.")
    private int maxConnections;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "A peer that sends nothing for so long while it is waited for is let go. 0: never."
                    + " Default: ${DEFAULT-VALUE}.")
    private int idleTimeoutSeconds;

    @Option(
            names = "--no-delay",
            description =
                    "Send a small segment at once even while another is in flight: no Nagle (RFC 9293 section 3.7.4)."
                            + " http does so always.")
    private boolean noDelay;

    @Option(
            names = "--no-rehearsal",
            description =
                    "Be ready at once, with the first requests slow: otherwise echo and http first serve some requests"
                            + " of their own, so that the JVM has compiled what they use. They show in the engine's counters.")
    private boolean noRehearsal;

    @Override
    public Integer call() {
        if (maxConnections < 1 || idleTimeoutSeconds < 0) {
            throw new picocli.CommandLine.ParameterException(
                    spec.commandLine(), "--max-connections must be 1 or more, --idle-timeout 0 or more");
        }
        String name = service.name().toLowerCase(Locale.ROOT);
        Path path = socket.path();
        try {
            Server server = newServer(name);
            Termination.closes(server);
            PrintWriter out = spec.commandLine().getOut();
            Thread.ofVirtual().name("rehearsal").start(() -> {
                if (!noRehearsal) {
                    ServeRehearsal.run(path, local, service);
                }
                out.println("ready: " + name + " on " + text(local) + " of engine " + server.engineName());
                out.flush();
            });
            server.run();
            return 0;
        } catch (IOException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
    }

    private Server newServer(String name) throws IOException {
        ServerSettings settings = new ServerSettings(
                socket.path(),
                name,
                local,
                maxConnections,
                Duration.ofSeconds(idleTimeoutSeconds),
                noDelay || service == Service.HTTP);
        return service == Service.ECHO ? new EchoServer(settings) : new ClientServer(settings, streamService());
    }

    private StreamService streamService() throws IOException {
        return switch (service) {
            case ECHO -> throw new IllegalStateException("has a server of its own");
            case DISCARD -> SmallServices::discard;
            case CHARGEN -> SmallServices::chargen;
            case DAYTIME -> SmallServices.daytime(InstantSource.system());
            case HTTP ->
                new HttpFileService(
                        root == null ? Path.of("") : root, root != null, maxUploadBytes, InstantSource.system());
        };
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host.replaceFirst("^0:0:0:0:0:0:0:0$", "::") + "]" : host) + ":"
                + address.getPort();
    }
}
