package dev.toehold.engine;

import dev.toehold.control.ControlLimits;
import dev.toehold.control.Grant;
import dev.toehold.control.SessionPolicy;
import dev.toehold.engine.config.AdminUse;
import dev.toehold.engine.config.PolicySettings;
import dev.toehold.engine.config.UserName;
import dev.toehold.ffi.linux.IdMap;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.session.EndpointRules;
import dev.toehold.session.SessionLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables {@code [[policy]]} of the configuration: the first that is for a peer counts. The engine's own user and root are meant where a
 * table names them, and may do everything where none does.
 *
 * <p>A number that stands for ids without a number (user_namespaces(7)) is matched by no table, since anybody outside of the engine's user
 * namespace could hide behind it. The peer's pid plays no part: it may be 0, or another process's by now.
 */
final class ConfiguredPolicy implements SessionPolicy {
    private static final int ROOT = 0;

    private final List<PolicySettings> tables;
    private final List<Grant> grants = new ArrayList<>();
    private final Grant everything;
    private final int self;
    private final IdMap users;
    private final IdMap groups;

    /**
     * @param limits of the engine: no table gives more
     * @param self the user that the engine runs as
     */
    ConfiguredPolicy(
            List<PolicySettings> tables, ControlLimits limits, int lcoreCount, int self, IdMap users, IdMap groups) {
        this.tables = tables;
        this.self = self;
        this.users = users;
        this.groups = groups;
        everything = Grant.everything(limits);
        for (int i = 0; i < tables.size(); i++) {
            grants.add(grant(tables.get(i), i + 1, limits, lcoreCount));
        }
    }

    private static Grant grant(PolicySettings table, int number, ControlLimits limits, int lcoreCount) {
        String rule = "[[policy]] " + number;
        SessionLimits session = SessionLimits.of(
                Math.min(limits.session().maxConnections(), Math.max(1, table.connections() / lcoreCount)),
                limits.session().maxListeners(),
                table.lentBuffers(),
                table.submissionsPerSecond() == 0 ? 0 : Math.max(1, table.submissionsPerSecond() / lcoreCount),
                new EndpointRules(table.listen()),
                new EndpointRules(table.connect()));
        return new Grant(
                rule,
                table.attach()
                        ? ""
                        : "this user may not attach: set attach = true in " + rule + " of the configuration",
                table.admin() != AdminUse.NONE,
                table.admin() == AdminUse.ALL,
                table.hugePages(),
                table.sessions(),
                Math.min(limits.maxRegionBytes(), table.regionBytes()),
                session);
    }

    @Override
    public Grant grant(PeerCredentials peer) {
        if (users.isAmbiguous(peer.uid())) {
            return Grant.nothing(
                    "uid=" + peer.uid()
                            + " stands for every user that the engine's user namespace does not map, so nobody can tell who this is: run"
                            + " engine and client in one user namespace, or map the client's user (/proc/PID/uid_map of the engine)");
        }
        for (int i = 0; i < tables.size(); i++) {
            if (isFor(tables.get(i), peer)) {
                return grants.get(i);
            }
        }
        return isOwner(peer.uid()) ? everything : Grant.nothing(unknown(peer));
    }

    private boolean isOwner(int uid) {
        return uid == self || uid == ROOT;
    }

    private boolean isFor(PolicySettings table, PeerCredentials peer) {
        for (UserName user : table.users()) {
            if (user.uid() == peer.uid() || (user.uid() == UserName.EVERYBODY && !isOwner(peer.uid()))) {
                return true;
            }
        }
        return !isOwner(peer.uid())
                && table.groups().stream()
                        .anyMatch(group -> !groups.isAmbiguous(group.gid()) && peer.isInGroup(group.gid()));
    }

    private String unknown(PeerCredentials peer) {
        String process = peer.pid() == 0 ? " (pid=0: in a PID namespace that the engine does not see)" : "";
        String unmapped = groups.isAmbiguous(peer.gid())
                ? " (gid=" + peer.gid() + " is a group that the engine's user namespace does not map)"
                : "";
        return "uid=" + peer.uid() + " gid=" + peer.gid() + process + unmapped
                + " may not attach: no [[policy]] table of the configuration is for it; add one with users = [\""
                + peer.uid()
                + "\"], or run the client as uid=" + self + " or as root";
    }
}
