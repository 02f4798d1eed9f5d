package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.linux.Capabilities;
import dev.toehold.ffi.linux.Capabilities.Capability;
import dev.toehold.ffi.linux.Rlimit;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortPrivilegesTest {
    private static final Rlimit UNLIMITED = new Rlimit(Rlimit.UNLIMITED, Rlimit.UNLIMITED);
    private static final Rlimit LITTLE = new Rlimit(1 << 20, 1 << 20);

    private static List<String> missing(String device, Rlimit lockable, Capability... held) {
        EnumSet<Capability> set = EnumSet.noneOf(Capability.class);
        set.addAll(List.of(held));
        return PortPrivileges.missing(PortDevice.parse(device), 1500, Capabilities.of(set), lockable);
    }

    @Test
    void shouldNameWhatEachKindOfPortTakes() {
        assertEquals(
                List.of(
                        "CAP_NET_RAW (packet sockets)",
                        "CAP_NET_ADMIN (flags and addresses of the interface)",
                        "CAP_IPC_LOCK (rings of 16777216 bytes are locked in memory, the limit is 1048576)"),
                missing("eth1", LITTLE));
        assertEquals(List.of(), missing("eth1", UNLIMITED, Capability.CAP_NET_RAW, Capability.CAP_NET_ADMIN));
        assertEquals(
                List.of("CAP_SYS_ADMIN (finding the XDP program that libxdp loads)"),
                missing("xdp:eth1", LITTLE, Capability.CAP_NET_RAW, Capability.CAP_NET_ADMIN));
        assertTrue(missing("net_tap0", LITTLE).getFirst().startsWith("CAP_NET_ADMIN"));
        assertEquals(List.of(), missing("net_null0", LITTLE));
        assertEquals(List.of(), missing("0000:01:00.0", LITTLE));
    }

    @Test
    void shouldLetCapabilityStandInForTheLimit() {
        assertEquals(
                List.of(),
                missing("eth1", LITTLE, Capability.CAP_NET_RAW, Capability.CAP_NET_ADMIN, Capability.CAP_IPC_LOCK));
    }
}
