package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What bad input gets: one line on stderr with the cause and what to do, exit 1 or 2, nothing left behind. */
final class RefusalIT {
    private static final String DEVICE = TestNetwork.ENGINE_DEVICE;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    private static Path state(String test) {
        return RIG.directory().resolve("state-" + test);
    }

    private static String configuration(String test, String device) {
        return EngineRig.configuration("refused-" + test, state(test), device, "lcores = []");
    }

    /** Starts an engine that must refuse, with exactly one line that has all the words. */
    private static void shouldRefuse(String test, String configuration, List<String> prefix, String... words)
            throws Exception {
        Path config = Files.writeString(RIG.directory().resolve(test + ".toml"), configuration);
        Set<String> before = leftovers();
        ChildProcess engine = RIG.startEngine(test, config, prefix);
        int exitCode = engine.awaitExit(120);
        System.out.print(test + ": exitCode=" + exitCode + ": " + engine.err());
        assertEquals("", engine.out());
        assertEquals(1, engine.err().lines().count(), engine.err());
        for (String word : words) {
            assertTrue(engine.err().contains(word), engine.err());
        }
        assertTrue(exitCode == 1 || exitCode == 2, "exitCode=" + exitCode);
        assertFalse(Files.exists(state(test)), "the state directory is left");
        assertEquals(before, leftovers());
        assertTrue(RIG.engine().isAlive());
    }

    /** Where DPDK and engines leave things: files, not processes. */
    private static Set<String> leftovers() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String directory : List.of("/dev/hugepages", "/run/toehold")) {
            if (Files.isDirectory(Path.of(directory))) {
                try (Stream<Path> paths = Files.list(Path.of(directory))) {
                    paths.map(Path::toString)
                            .filter(path -> path.contains("refused-"))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    @Test
    void shouldRefuseUnknownInterface() throws Exception {
        shouldRefuse("interface", configuration("interface", "nosuch0"), List.of(), "nosuch0");
    }

    @Test
    void shouldRefuseAddressOfTheKernel() throws Exception {
        int index = RIG.network().engineSide().run(() -> {
            try (Netlink netlink = Netlink.open()) {
                netlink.createVeth("kernel0", "kernel1", RIG.network().engineSide());
                int made = netlink.link("kernel0").orElseThrow().index();
                netlink.addAddress(made, IpPrefix.parse("10.78.0.2/24"), false);
                netlink.setUp(made, true);
                return made;
            }
        });
        assertTrue(index > 0);
        shouldRefuse(
                "kernel",
                configuration("kernel", "kernel0").replace(TestNetwork.ENGINE_IPV4, "10.78.0.2"),
                List.of(),
                "10.78.0.2",
                "kernel0");
    }

    @Test
    void shouldRefuseSecondEngineOfTheSameState() throws Exception {
        Path config = Files.writeString(RIG.directory().resolve("second.toml"), RIG.configuration(DEVICE));
        ChildProcess second = RIG.startEngine("second", config);
        int exitCode = second.awaitExit(120);
        System.out.print("second: exitCode=" + exitCode + ": " + second.err());
        assertEquals(1, exitCode);
        assertEquals(1, second.err().lines().count(), second.err());
        assertEquals("", second.out());
        // The first goes on.
        assertTrue(Files.exists(RIG.socket()));
        RIG.listing("clients");
        RIG.peer("ping", "-n", "-q", "-c", "1", "-W", "10", TestNetwork.ENGINE_IPV4);
    }

    @Test
    void shouldRefuseUnknownKey() throws Exception {
        shouldRefuse(
                "key",
                configuration("key", DEVICE).replace("lcores = []", "lcores = []\nidel = \"spin\""),
                List.of(),
                "idel",
                ":5:",
                "idle");
    }

    @Test
    void shouldRefuseWrongValue() throws Exception {
        shouldRefuse(
                "value",
                configuration("value", DEVICE).replace("lcores = []", "lcores = []\nmax-connections = 3"),
                List.of(),
                "max-connections",
                "3",
                "64");
    }

    @Test
    void shouldRefuseWithoutPrivilege() throws Exception {
        // The class path of the build may lie where only root can read; capabilities make the difference that counts.
        Files.setPosixFilePermissions(RIG.directory(), PosixFilePermissions.fromString("rwxrwxrwx"));
        shouldRefuse(
                "privilege",
                configuration("privilege", DEVICE),
                List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"),
                "CAP_NET_");
    }

    @Test
    void shouldRefuseTooFewHugepages() throws Exception {
        shouldRefuse(
                "hugepages",
                configuration("hugepages", DEVICE)
                        .replace("lcores = []", "lcores = []\nhugepages = \"required\"\npacket-memory = \"64G\""),
                List.of(),
                "hugepages",
                "nr_hugepages");
    }

    @Test
    void shouldRefuseCopyEngineThatDoesNotExist() throws Exception {
        shouldRefuse(
                "copy-engine",
                configuration("copy-engine", DEVICE)
                        .replace("lcores = []", "lcores = []\ncopy-engines = [\"dma_nothing0\"]"),
                List.of(),
                "no copy engine dma_nothing0",
                "bind the device");
    }

    @Test
    void shouldRefuseWhenLibraryIsMissing() throws Exception {
        List<String> prefix = new ArrayList<>(List.of("unshare", "-m", "sh", "-c"));
        prefix.add(
                "for f in /usr/lib/*/librte_eal.so.23; do mount --bind /dev/null \"$f\" || exit 99; done; exec \"$@\"");
        prefix.add("sh");
        shouldRefuse("library", configuration("library", DEVICE), prefix, "librte_eal.so.23", "install");
    }

    @Test
    void shouldRefuseClientsWithoutEngineOrWithWrongUsage() throws Exception {
        String nowhere = RIG.directory().resolve("nowhere.sock").toString();
        refuse(1, "nowhere.sock", "serve", "echo", "--listen", ":7", "--socket", nowhere);
        refuse(1, "nowhere.sock", "counters", "--socket", nowhere);
        refuse(2, "--help", "serve", "nonsense", "--listen", ":7");
        refuse(2, "--help", "run");
        refuse(
                1,
                "10.77.0.9",
                "serve",
                "echo",
                "--listen",
                "10.77.0.9:7",
                "--socket",
                RIG.socket().toString());
    }

    private static void refuse(int expected, String word, String... arguments) throws Exception {
        try (ChildProcess child =
                ChildProcess.start("refused-client", EngineRig.toehold("tool", List.of(arguments)), RIG.directory())) {
            int exitCode = child.awaitExit(60);
            System.out.print(String.join(" ", arguments) + ": exitCode=" + exitCode + ": " + child.err());
            assertEquals(expected, exitCode, child.err());
            assertEquals(1, child.err().lines().count(), child.err());
            assertTrue(child.err().contains(word), child.err());
        }
    }
}
