package dev.toehold.engine.config;

import dev.toehold.net.EndpointRange;
import java.util.List;

/** One table of {@code [[policy]]}. */
public record PolicySettings(
        @Setting(
                ifAbsent = "[]",
                example = "[\"web\"]",
                meaning =
                        "Users whom this table is for, or \"*\": everybody but the engine's own user and root, who are meant only"
                                + " where they are named.")
        List<UserName> users,

        @Setting(
                ifAbsent = "[]",
                meaning =
                        "Groups whose members this table is for, by effective or supplementary group; not the engine's own user and"
                                + " root.")
        List<GroupName> groups,

        @Setting(ifAbsent = "true", meaning = "Whether they may attach as clients.")
        boolean attach,

        @Setting(
                ifAbsent = "\"none\"",
                meaning =
                        "What they may ask about the engine as a whole: read is every listing, other clients' included; all adds"
                                + " flush and abort of any connection.")
        AdminUse admin,

        @Setting(
                ifAbsent = "[\"*:1024-65535\"]",
                meaning =
                        "Where they may listen, and which local TCP ports they may choose when they connect. To listen on all"
                                + " addresses takes a \"*\".")
        List<EndpointRange> listen,

        @Setting(ifAbsent = "[\"*:*\"]", meaning = "Where they may connect to.")
        List<EndpointRange> connect,

        @Setting(
                ifAbsent = "256",
                min = 1,
                max = 256,
                meaning = "Sessions of one user at a time; what follows is for each of them.")
        int sessions,

        @Setting(
                ifAbsent = "\"16G\"",
                min = 4096,
                max = 1L << 46,
                unit = "bytes",
                meaning = "Registered memory; the engine keeps it in RAM.")
        long regionBytes,

        @Setting(
                ifAbsent = "65536",
                min = 1,
                max = 4_194_304,
                meaning = "Open connections, shared out evenly among the lcores.")
        int connections,

        @Setting(
                ifAbsent = "2048",
                min = 16,
                max = 2048,
                meaning = "Provided buffers that an lcore has lent at a time; more wait in the ring.")
        int lentBuffers,

        @Setting(
                ifAbsent = "0",
                max = 100_000_000,
                meaning =
                        "Submissions and lent buffers that are taken in a second, shared out evenly among the lcores, a tenth of them"
                                + " at once; more wait in the ring. 0: as many as there is time for.")
        int submissionsPerSecond,

        @Setting(
                ifAbsent = "false",
                meaning =
                        "Whether regions may lie in huge pages. Their owner can take those away under any seal; then the session"
                                + " ends.")
        boolean hugePages) {
    public PolicySettings {
        users = List.copyOf(users);
        groups = List.copyOf(groups);
        listen = List.copyOf(listen);
        connect = List.copyOf(connect);
    }
}
