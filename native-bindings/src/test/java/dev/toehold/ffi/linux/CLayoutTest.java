package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares every struct layout and every constant of this package with what a C compiler says on this machine. */
class CLayoutTest {
    private static final List<StructLayout> LAYOUTS = List.of(
            StatxDescriptor.LAYOUT,
            StatfsDescriptor.LAYOUT,
            FlockDescriptor.LAYOUT,
            IovecDescriptor.LAYOUT,
            MsghdrDescriptor.LAYOUT,
            CmsghdrDescriptor.LAYOUT,
            MmsghdrDescriptor.LAYOUT,
            SockaddrUnDescriptor.LAYOUT,
            SockaddrLlDescriptor.LAYOUT,
            TpacketStatsDescriptor.LAYOUT,
            UcredDescriptor.LAYOUT,
            PasswdDescriptor.LAYOUT,
            GroupDescriptor.LAYOUT,
            EpollEventDescriptor.LAYOUT,
            TimespecDescriptor.LAYOUT,
            TimevalDescriptor.LAYOUT,
            PollfdDescriptor.LAYOUT,
            RlimitDescriptor.LAYOUT,
            NlmsghdrDescriptor.LAYOUT,
            NlmsgerrDescriptor.LAYOUT,
            NlattrDescriptor.LAYOUT,
            SockaddrNlDescriptor.LAYOUT,
            IfinfomsgDescriptor.LAYOUT,
            IfaddrmsgDescriptor.LAYOUT,
            RtmsgDescriptor.LAYOUT,
            RtnexthopDescriptor.LAYOUT,
            IfreqDescriptor.LAYOUT,
            EthtoolValueDescriptor.LAYOUT,
            EthtoolDrvinfoDescriptor.LAYOUT,
            EthtoolGstringsDescriptor.LAYOUT,
            EthtoolSsetInfoDescriptor.LAYOUT,
            EthtoolGfeaturesDescriptor.LAYOUT,
            EthtoolFeaturesBlockDescriptor.LAYOUT,
            EthtoolPermAddrDescriptor.LAYOUT,
            SockaddrInDescriptor.LAYOUT,
            SockaddrIn6Descriptor.LAYOUT,
            TcpRepairOptDescriptor.LAYOUT,
            TcpRepairWindowDescriptor.LAYOUT,
            VirtioNetHdrDescriptor.LAYOUT,
            NfgenmsgDescriptor.LAYOUT,
            TcpInfoDescriptor.LAYOUT);

    /** Those that begin a longer struct, whose size depends on the headers. */
    private static final List<StructLayout> BEGINNINGS = List.of(TcpInfoDescriptor.LAYOUT);

    /** Classes whose static fields are C constants of the same name. */
    private static final List<Class<?>> CONSTANTS = List.of(
            FcntlH.class,
            MemfdH.class,
            MmanH.class,
            SocketH.class,
            PacketH.class,
            EpollH.class,
            ProcessH.class,
            NetlinkH.class,
            EthtoolH.class,
            TcpH.class,
            TunH.class,
            NetfilterH.class);

    /** Those that headers older than the kernel may not have: compared where the compiler knows them. */
    private static final List<String> MAYBE_MISSING = List.of("MFD_NOEXEC_SEAL", "F_SEAL_EXEC");

    private static final String HEADERS = """
            #define _GNU_SOURCE
            #include <netinet/in.h>
            #include <stdio.h>
            #include <stddef.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <grp.h>
            #include <linux/capability.h>
            #include <linux/magic.h>
            #include <linux/memfd.h>
            #include <linux/ethtool.h>
            #include <linux/if.h>
            #include <linux/if_addr.h>
            #include <linux/if_ether.h>
            #include <linux/if_link.h>
            #include <linux/if_packet.h>
            #include <linux/if_tun.h>
            #include <linux/netfilter.h>
            #include <linux/netfilter/nf_tables.h>
            #include <linux/netfilter/nfnetlink.h>
            #include <linux/netlink.h>
            #include <linux/rtnetlink.h>
            #include <linux/sockios.h>
            #include <linux/veth.h>
            #include <linux/virtio_net.h>
            #include <netinet/tcp.h>
            #include <poll.h>
            #include <pwd.h>
            #include <sched.h>
            #include <sys/epoll.h>
            #include <sys/file.h>
            #include <sys/eventfd.h>
            #include <sys/ioctl.h>
            #include <sys/mman.h>
            #include <sys/mount.h>
            #include <sys/prctl.h>
            #include <sys/resource.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/time.h>
            #include <sys/uio.h>
            #include <sys/un.h>
            #include <sys/vfs.h>
            #include <time.h>
            """;

    @Test
    void shouldAgreeWithTheCompilersHeaders(@TempDir Path directory) throws IOException, InterruptedException {
        assumeTrue(compilerExists(), "no gcc on the path: the layouts cannot be compared with C");
        Map<String, Long> expected = new TreeMap<>();
        StringBuilder program = new StringBuilder(HEADERS).append("int main(void) {\n");
        LAYOUTS.forEach(layout -> addLayout(layout, expected, program));
        for (Class<?> type : CONSTANTS) {
            addConstants(type, expected, program);
        }
        for (Errno errno : Errno.values()) {
            addConstant(errno.name(), errno.number(), expected, program);
        }
        for (Capabilities.Capability capability : Capabilities.Capability.values()) {
            addConstant(capability.name(), capability.number(), expected, program);
        }
        program.append("return 0;\n}\n");

        Map<String, Long> actual = compileAndRun(directory, program.toString());

        assertFalse(actual.isEmpty());
        MAYBE_MISSING.stream().filter(name -> !actual.containsKey(name)).forEach(expected::remove);
        assertEquals(lines(actual), lines(expected));
    }

    private static void addLayout(StructLayout layout, Map<String, Long> expected, StringBuilder program) {
        String struct = layout.name().orElseThrow();
        if (!BEGINNINGS.contains(layout)) {
            expected.put("sizeof " + struct, layout.byteSize());
            program.append("printf(\"sizeof %s=%%ld\\n\", (long) sizeof(%s));\n".formatted(struct, struct));
        }
        for (MemoryLayout member : layout.memberLayouts()) {
            if (member.name().isEmpty()) {
                assertFalse(member instanceof GroupLayout, struct + " has an unnamed group");
                continue; // padding
            }
            String field = member.name().get();
            String key = struct + "." + field;
            expected.put(key, layout.byteOffset(MemoryLayout.PathElement.groupElement(field)));
            expected.put(key + " size", member.byteSize());
            program.append("printf(\"%s=%%ld\\n\", (long) offsetof(%s, %s));\n".formatted(key, struct, field));
            program.append(
                    "printf(\"%s size=%%ld\\n\", (long) sizeof(((%s *) 0)->%s));\n".formatted(key, struct, field));
        }
    }

    private static void addConstants(Class<?> type, Map<String, Long> expected, StringBuilder program) {
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType().isPrimitive()) {
                try {
                    addConstant(field.getName(), ((Number) field.get(null)).longValue(), expected, program);
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    private static void addConstant(String name, long value, Map<String, Long> expected, StringBuilder program) {
        expected.put(name, value);
        // Through int where Java has an int: EPOLLET is an enum's unsigned bit 31.
        String cast = value == (int) value ? "(long) (int) " : "(long) ";
        if (MAYBE_MISSING.contains(name)) {
            program.append("#ifdef ").append(name).append('\n');
        }
        program.append("printf(\"%s=%%ld\\n\", %s%s);\n".formatted(name, cast, name));
        if (MAYBE_MISSING.contains(name)) {
            program.append("#endif\n");
        }
    }

    private static boolean compilerExists() throws InterruptedException {
        try {
            return new ProcessBuilder("gcc", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, Long> compileAndRun(Path directory, String program)
            throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve("layout.c"), program);
        Path binary = directory.resolve("layout");
        run(List.of("gcc", "-o", binary.toString(), source.toString()));
        Map<String, Long> values = new TreeMap<>();
        for (String line : run(List.of(binary.toString()))) {
            int equals = line.lastIndexOf('=');
            values.put(line.substring(0, equals), Long.valueOf(line.substring(equals + 1)));
        }
        return values;
    }

    private static List<String> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> output = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor(), () -> command + " failed: " + output);
        return output;
    }

    private static String lines(Map<String, Long> values) {
        List<String> lines = new ArrayList<>();
        values.forEach((name, value) -> lines.add(name + "=" + value));
        return String.join("\n", lines);
    }
}
