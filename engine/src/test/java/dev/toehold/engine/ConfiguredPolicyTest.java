package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.control.ControlLimits;
import dev.toehold.control.Grant;
import dev.toehold.engine.config.EngineConfig;
import dev.toehold.ffi.linux.IdMap;
import dev.toehold.ffi.linux.PeerCredentials;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which table of the configuration is for whom. */
class ConfiguredPolicyTest {
    private static final int ENGINE = 990;
    private static final int OVERFLOW = 65_534;
    private static final IdMap COMPLETE = new IdMap(true, OVERFLOW);
    private static final IdMap WITH_GAPS = new IdMap(false, OVERFLOW);

    private static final String TABLES = """
            [[port]]
            device = "eth1"
            addresses = ["10.0.0.2/24"]
            [[policy]]
            users = ["1000"]
            connections = 100
            submissions-per-second = 1000
            region-bytes = "1M"
            [[policy]]
            groups = ["2000"]
            attach = false
            admin = "read"
            [[policy]]
            users = ["65534"]
            [[policy]]
            users = ["*"]
            admin = "all"
            huge-pages = true
            """;

    private static ConfiguredPolicy policy(String text, IdMap users, IdMap groups) {
        return new ConfiguredPolicy(
                EngineConfig.parse(text, "t.toml").policies(), ControlLimits.of(4096, 8), 4, ENGINE, users, groups);
    }

    private static Grant grant(PeerCredentials peer) {
        return policy(TABLES, COMPLETE, COMPLETE).grant(peer);
    }

    @Test
    void shouldTakeTheFirstTableThatIsForThePeer() {
        Grant first = grant(new PeerCredentials(5, 1000, 1000, List.of(2000)));
        assertEquals("[[policy]] 1", first.rule());
        assertEquals("", first.refusal());
        assertFalse(first.mayList());
        assertEquals(25, first.session().maxConnections(), "a quarter for each of four lcores");
        assertEquals(250, first.session().submissionsPerSecond());
        assertEquals(1 << 20, first.maxRegionBytes());

        for (PeerCredentials member :
                List.of(new PeerCredentials(5, 1001, 2000), new PeerCredentials(5, 1001, 3, List.of(1, 2, 2000)))) {
            Grant second = grant(member);
            assertTrue(second.refusal().contains("set attach = true in [[policy]] 2"), second.refusal());
            assertTrue(second.mayList());
            assertFalse(second.mayManage());
        }
        assertEquals("[[policy]] 4", grant(new PeerCredentials(5, 1001, 1001)).rule());
        assertTrue(grant(new PeerCredentials(5, 1001, 1001)).mayManage());
        assertTrue(grant(new PeerCredentials(5, 1001, 1001)).mayUseHugePages());
    }

    @Test
    void shouldLeaveItsOwnUserAndRootAloneUnlessTheyAreNamed() {
        for (int uid : new int[] {0, ENGINE}) {
            Grant own = grant(new PeerCredentials(5, uid, 2000));
            assertEquals("engine", own.rule());
            assertTrue(own.mayManage());
            assertEquals(4096, own.session().maxConnections());
        }
        String named = TABLES + "[[policy]]\nusers = [\"root\"]\nsessions = 1\n";
        assertEquals(
                "[[policy]] 5",
                policy(named, COMPLETE, COMPLETE)
                        .grant(new PeerCredentials(5, 0, 0))
                        .rule());
    }

    @Test
    void shouldSayWhatToDoToWhomNobodyNames() {
        String port = TABLES.substring(0, TABLES.indexOf("[[policy]]"));
        Grant nothing = policy(port, COMPLETE, COMPLETE).grant(new PeerCredentials(5, 1000, 100));
        assertTrue(nothing.refusal().contains("uid=1000 gid=100 may not attach"), nothing.refusal());
        assertTrue(nothing.refusal().contains("add one with users = [\"1000\"]"), nothing.refusal());
        assertTrue(nothing.refusal().contains("as uid=990 or as root"), nothing.refusal());
        Grant elsewhere = policy(port, COMPLETE, COMPLETE).grant(new PeerCredentials(0, 1000, 100));
        assertTrue(elsewhere.refusal().contains("pid=0: in a PID namespace that the engine does not see"));
    }

    @Test
    void shouldNotTakeAPidForMoreThanItIs() {
        assertEquals("[[policy]] 1", grant(new PeerCredentials(0, 1000, 1000)).rule());
    }

    @Test
    void shouldMatchNobodyByANumberThatStandsForManyUsers() {
        PeerCredentials peer = new PeerCredentials(0, OVERFLOW, OVERFLOW);
        assertEquals("[[policy]] 3", grant(peer).rule(), "here it is a user like any other");
        Grant nobody = policy(TABLES, WITH_GAPS, COMPLETE).grant(peer);
        assertTrue(nobody.refusal().contains("stands for every user that"), nobody.refusal());
        assertTrue(nobody.refusal().contains("user namespace"), nobody.refusal());
        assertFalse(nobody.mayList() || nobody.mayManage());

        String byGroup = TABLES.substring(0, TABLES.indexOf("[[policy]]")) + "[[policy]]\ngroups = [\"65534\"]\n";
        PeerCredentials member = new PeerCredentials(7, 1000, 1000, List.of(OVERFLOW));
        assertEquals(
                "[[policy]] 1",
                policy(byGroup, COMPLETE, COMPLETE).grant(member).rule());
        assertTrue(policy(byGroup, COMPLETE, WITH_GAPS).grant(member).refusal().contains("no [[policy]] table"));
    }
}
