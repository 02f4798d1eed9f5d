package dev.toehold.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import dev.toehold.net.Prefix;
import dev.toehold.tcp.TcpConfig;
import dev.toehold.tcp.TcpConfig.CongestionAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineConfigTest {
    private static final String PORT = """
            [[port]]
            device = "eth1"
            addresses = ["10.0.0.2/24", "fd00::2/64"]
            """;

    private static String problemOf(String text) {
        ConfigException e = assertThrows(ConfigException.class, () -> EngineConfig.parse(text, "t.toml"));
        assertEquals(1, e.problems().size(), () -> String.join("\n", e.problems()));
        assertEquals(1, e.getMessage().lines().count());
        return e.getMessage();
    }

    @Test
    void shouldReadTheShippedConfigurationAsItStands() {
        EngineConfig config = EngineConfig.read(Path.of("../config/toehold.toml"));

        assertEquals("toehold", config.engine().name());
        assertEquals(Path.of("/run/toehold/toehold"), config.engine().state());
        assertEquals(List.of(0), config.engine().lcores());
        assertEquals(IdleMode.ADAPTIVE, config.engine().idle());
        assertEquals(65536, config.engine().maxConnections());
        assertEquals(
                Path.of("/run/toehold/toehold/control.sock"), config.control().socket());
        PortSettings port = config.ports().getFirst();
        assertEquals("eth1", port.device());
        assertEquals(
                List.of(Prefix.parse("10.0.0.2/24"), Prefix.parse("fd00::2/64")),
                port.addresses().prefixes());
        assertEquals(List.of(IpAddress.parse("10.0.0.1")), port.gateways());
        assertEquals(1500, port.mtu());
        assertEquals(CongestionAlgorithm.CUBIC, config.tcp().congestionControl());
        assertEquals(
                new Endpoint(IpAddress.parse("127.0.0.1"), 9464),
                config.metrics().listen());
    }

    @Test
    void shouldFillInDefaultsAndDeriveTheStateDirectoryFromTheName() {
        EngineConfig config = EngineConfig.parse("[engine]\nname = \"edge-2\"\n" + PORT, "t.toml");

        assertEquals(Path.of("/run/toehold/edge-2"), config.engine().state());
        assertEquals(
                Path.of("/run/toehold/edge-2/control.sock"), config.control().socket());
        assertTrue(config.metrics().listen().isNone());
        assertEquals(128, config.engine().packetMemoryMegabytes());
        assertEquals(Duration.ofMillis(200), config.tcp().minRto());
    }

    @Test
    void shouldTakeTheInterfacesOwnAddresses() {
        EngineConfig config = EngineConfig.parse(
                "[[port]]\ndevice = \"eth0\"\naddresses = \"interface\"\ngateways = [\"192.0.2.1\"]\n", "t.toml");

        assertTrue(config.ports().getFirst().addresses().fromInterface());
    }

    @Test
    void shouldNameUnknownKeysWithTheirLineAndTheKnownOnes() {
        assertEquals(
                "t.toml:6: unknown key engine.max-conections: [engine] has the keys name, state, lcores, idle,"
                        + " max-connections, resume-grace, hugepages, packet-memory, rehearsal, copy-engines, copy-engine-least",
                problemOf(PORT + "[engine]\nlcores = [0,\n] # comment\nmax-conections = 7\n".replace(",\n", ",")));
        assertEquals(
                "t.toml:4: unknown key engin: the tables are [engine], [control], [[policy]], [[port]], [tcp], [metrics]",
                problemOf(PORT + "[engin]\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-connections = -1|engine.max-connections = -1: must be an integer from 64 to 4194304",
                "max-connections = 99999999999999999999|engine.max-connections = 99999999999999999999: must be an"
                        + " integer from 64 to 4194304",
                "max-connections = true|engine.max-connections = true: must be an integer from 64 to 4194304",
                "idle = \"nap\"|engine.idle = \"nap\": must be \"adaptive\" or \"spin\"",
                "state = \"run\"|engine.state = \"run\": must be an absolute path",
                "lcores = [0, 0]|engine.lcores = [0,0]: 0 stands there twice; must be a list of integers, each an"
                        + " integer from 0 to 1023",
                "packet-memory = \"1M\"|engine.packet-memory = \"1M\": must be a size from \"16M\" to \"1T\" (suffix K,"
                        + " M, G or T), or a number of bytes",
                "name = \"Big Name\"|engine.name = \"Big Name\": must be 1 to 32 of a-z, 0-9, _ and -, the"
                        + " first a letter or digit",
            })
    void shouldSayWhatIsAllowed(String line, String message) {
        assertEquals("t.toml:5: " + message, problemOf(PORT + "[engine]\n" + line + "\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[tcp]~min-rto = \"90s\"|t.toml:5: tcp.min-rto = \"90s\": must be a time from \"1ms\" to \"60s\" (suffix"
                        + " ns, us, ms, s, m or h)",
                "[metrics]~listen = \"9464\"|t.toml:5: metrics.listen = \"9464\": write ADDRESS:PORT such as"
                        + " 127.0.0.1:9464 or [::1]:9464; must be ADDRESS:PORT such as \"127.0.0.1:9464\" or"
                        + " \"[::1]:9464\", or \"\" for none",
                "mtu = 1000|t.toml:4: port.mtu = 1000: must be at least 1280 with IPv6",
                "gateways = [\"10.0.1.1\"]|t.toml:4: port.gateways: 10.0.1.1 must be another host on a network of"
                        + " port.addresses, or link-local",
                "kernel-tap = \"a/b\"|t.toml:4: port.kernel-tap = \"a/b\": must be a name that Linux allows for an"
                        + " interface, of at most 15 characters, or \"\"",
                "[[port]]~device = \"eth1\"~addresses = [\"10.0.9.1/24\"]|t.toml:5: port.device = \"eth1\" is a port"
                        + " already: name each device once",
                "[[port]]~device = \"eth2\"~addresses = [\"10.0.0.2/16\"]|t.toml:6: port.addresses: 10.0.0.2 is an"
                        + " address of eth1 already",
                "[[port]]~addresses = [\"10.0.9.1/24\"]|t.toml:4: port.device is missing: must be a Linux"
                        + " interface, \"xdp:INTERFACE\", a PCI address or a DPDK vdev string",
            })
    void shouldCheckWhatMustHoldTogether(String lines, String message) {
        assertEquals(message, problemOf(PORT + lines.replace('~', '\n') + "\n"));
    }

    @Test
    void shouldReadPoliciesInTheirOrder() {
        EngineConfig config = EngineConfig.parse(PORT + """
                [[policy]]
                users = ["root", "4711"]
                listen = ["10.0.0.2:80", "[fd00::/8]:8000-8999"]
                connect = []
                admin = "read"
                region-bytes = "1M"
                [[policy]]
                groups = ["root"]
                """, "t.toml");

        PolicySettings first = config.policies().getFirst();
        assertEquals(List.of(0, 4711), first.users().stream().map(UserName::uid).toList());
        assertEquals("[10.0.0.2:80, [fd00::/8]:8000-8999]", first.listen().toString());
        assertEquals(List.of(), first.connect());
        assertEquals(AdminUse.READ, first.admin());
        assertEquals(1 << 20, first.regionBytes());
        PolicySettings second = config.policies().get(1);
        assertEquals("[*:1024-65535]", second.listen().toString());
        assertTrue(second.attach());
        assertEquals(List.of(), EngineConfig.parse(PORT, "t.toml").policies());
        assertEquals(config, EngineConfig.parse(config.toToml(), "written"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "users = [\"no-such-user\"]|t.toml:5: policy.users = [\"no-such-user\"]: this machine knows no user"
                        + " no-such-user: write another name, or the number",
                "users = [\"*\"]~listen = [\"*:0\"]|t.toml:6: policy.listen = [\"*:0\"]: endpoints=*:0 has a bad TCP port: write"
                        + " * or 1 to 65535 or a range of these",
                "users = [\"*\"]~conect = []|t.toml:6: unknown key policy.conect: [[policy]] has the keys users, groups,"
                        + " attach, admin, listen, connect, sessions, region-bytes, connections, lent-buffers,"
                        + " submissions-per-second, huge-pages",
                "admin = \"all\"|t.toml:4: policy is for nobody: name users or groups, or users = [\"*\"] for everybody",
            })
    void shouldSayWhatIsWrongWithAPolicy(String lines, String message) {
        String problem = problemOf(PORT + "[[policy]]\n" + lines.replace('~', '\n') + "\n");
        assertEquals(message, problem.substring(0, Math.min(problem.length(), message.length())));
    }

    @Test
    void shouldReportSyntaxErrorsWithTheirLine() {
        assertEquals("t.toml:2: not TOML: Unknown token", problemOf("[engine]\nname = x\n"));
        assertEquals("t.toml:3: not TOML: Duplicate key", problemOf("[engine]\nidle = \"spin\"\nidle = \"spin\"\n"));
    }

    @Test
    void shouldSayHowATableIsWritten() {
        assertEquals("t.toml:1: port is written [[port]], with two brackets", problemOf("[port]\ndevice = \"x\"\n"));
        assertEquals("t.toml: no [[port]]: at least one is needed", problemOf("[engine]\n"));
        assertEquals("t.toml:4: tcp is written [tcp], once", problemOf(PORT + "[[tcp]]\n"));
    }

    @Test
    void shouldCollectAllProblems() {
        ConfigException e = assertThrows(
                ConfigException.class, () -> EngineConfig.parse("[engine]\nidle = 1\nname = 2\n" + PORT, "t.toml"));

        assertEquals(2, e.problems().size());
        assertTrue(e.getMessage().endsWith("(and 1 more; see `toehold config check`)"), e.getMessage());
    }

    @Test
    void shouldHaveTheCoresDefaults() {
        assertEquals(
                TcpConfig.defaults(), EngineConfig.parse(PORT, "t.toml").tcp().toTcpConfig());
    }

    @Test
    void shouldHandTheKeysToTheCore() {
        TcpConfig tcp = EngineConfig.parse(
                        PORT
                                + "[tcp]\ncongestion-control = \"reno\"\nmin-rto = \"2s\"\ntime-wait = \"1s\"\nsack = false\n",
                        "t")
                .tcp()
                .toTcpConfig();

        assertEquals(CongestionAlgorithm.RENO, tcp.congestionControl());
        assertEquals(2_000_000_000L, tcp.minRtoNs());
        assertEquals(2_000_000_000L, tcp.initialRtoNs());
        assertEquals(1_000_000_000L, tcp.timeWaitNs());
        assertFalse(tcp.sack());
    }

    @Test
    void shouldWriteWhatItReads() {
        EngineConfig config = EngineConfig.read(Path.of("../config/toehold.toml"));

        assertEquals(config, EngineConfig.parse(config.toToml(), "written"));
    }

    @Test
    void shouldPrintAReferenceThatCanBeReadAndHasTheDefaults() {
        EngineConfig reference = EngineConfig.parse(ConfigReference.toToml(), "reference");

        assertEquals(EngineConfig.parse(PORT, "t.toml").engine(), reference.engine());
        assertEquals(EngineConfig.parse(PORT, "t.toml").tcp(), reference.tcp());
    }

    @Test
    void shouldDocumentEveryKey() throws IOException {
        assertEquals(
                ConfigReference.toMarkdown(),
                Files.readString(Path.of("../docs/configuration.md")),
                "run: toehold config print --format markdown > docs/configuration.md");
    }
}
