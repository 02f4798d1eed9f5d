package dev.toehold.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlMessage;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.control.ControlRig.Answer;
import dev.toehold.control.ControlRig.TestClient;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.HugePages;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.ProcessInfo;
import dev.toehold.ffi.linux.RegularFile;
import dev.toehold.ffi.linux.Seal;
import dev.toehold.session.SessionLimits;
import dev.toehold.tcp.TcpState;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The control server over its socket: good manners, bad manners, and what is left behind. */
class ControlServerTest {
    private static final long LENGTH = 64 * 1024;

    private ControlRig rig;

    @BeforeEach
    void setUp() throws IOException {
        rig = new ControlRig(ControlRig.everybody());
    }

    @AfterEach
    void tearDown() throws IOException {
        rig.close();
    }

    @Test
    void shouldSayWhyTheCpuPlacesInARegionAndCloseOnlyThoseThatTheCopyEngineMayWrite() throws Exception {
        List<Long> opened = new ArrayList<>();
        CopyRegions picky = new CopyRegions() {
            @Override
            public boolean isThere() {
                return true;
            }

            @Override
            public String open(MemorySegment memory, boolean isLocked, boolean isTrusted) {
                if (memory.byteSize() > LENGTH) {
                    return "too large for it";
                }
                opened.add(memory.address());
                return "";
            }

            @Override
            public void close(MemorySegment memory) {
                assertTrue(opened.remove(memory.address()));
            }
        };
        try (ControlRig copying = new ControlRig(ControlRig.everybody(), picky);
                MemFd small = sealed(LENGTH);
                MemFd large = sealed(2 * LENGTH)) {
            try (TestClient client = copying.attach("copying")) {
                assertEquals("", replyText(client.request(new ControlBody.Register(1, LENGTH), small.fd())));
                assertEquals(
                        "the CPU places there: too large for it",
                        replyText(client.request(new ControlBody.Register(2, 2 * LENGTH), large.fd())));
                assertEquals(1, opened.size());
            }
            copying.turn();
            copying.turn();
            assertEquals(List.of(), opened);
        }
    }

    private static String replyText(Answer answer) {
        return assertInstanceOf(ControlBody.Reply.class, answer.body()).text();
    }

    private static MemFd sealed(long bytes) {
        MemFd memory = MemFd.create("toehold-test-region", HugePages.NONE);
        memory.allocate(bytes);
        memory.seal(EnumSet.of(Seal.SHRINK));
        return memory;
    }

    @Test
    void shouldTellWhatPortsCanDoAndRefuseWhoNeedsMore() throws Exception {
        try (TestClient client = rig.connect()) {
            Answer refused = client.request(new ControlBody.Hello(
                    1, 0, 0, Capability.IPV4 | Capability.COPY_ENGINE | 1L << 50, ControlBody.Token.NONE, "x"));
            assertEquals(ResultCode.INCOMPATIBLE, refused.result());
            String reason = ((ControlBody.Reply) refused.body()).text();
            assertTrue(reason.contains("requiredCapabilities=copy-engine,bit-50 are missing"), reason);
            assertTrue(reason.contains("has provided-buffers,ipv4"), reason);
            try (Answer welcome =
                    client.request(new ControlBody.Hello(1, 0, 0, Capability.IPV4, ControlBody.Token.NONE, "x"))) {
                ControlBody.Welcome body = assertInstanceOf(ControlBody.Welcome.class, welcome.body());
                assertEquals(List.of("cubic", "reno"), body.congestionControllers());
                assertEquals(
                        List.of(new ControlBody.Port("eth9", "net_null", Capability.CHECKSUM_OFFLOAD, 1500, 2, 1)),
                        body.ports());
            }
            Answer ports = client.request(new ControlBody.Admin("ports"));
            assertTrue(
                    ports.text()
                            .contains(
                                    "\"rxQueues\":2,\"txQueues\":1,\"spread\":\"one lcore\",\"capabilities\":[\"checksum-offload\"],"
                                            + "\"copyEngine\":\"cpu\",\"offloads\":[\"none\"]"),
                    ports.text());
        }
    }

    @Test
    void shouldGiveAnAttachedClientAWorkingQueuePair() throws Exception {
        try (TestClient client = rig.connect();
                MemFd region = sealed(LENGTH)) {
            Answer welcome = client.request(ControlRig.hello("web"));
            ControlBody.Welcome body = assertInstanceOf(ControlBody.Welcome.class, welcome.body());
            assertEquals(1, body.lcoreCount());
            assertEquals(42, body.epoch());
            assertEquals("test-engine", body.engineName());
            assertEquals(1, welcome.descriptors().size());
            assertEquals(
                    ResultCode.OK,
                    client.request(new ControlBody.Register(3, LENGTH), region.fd())
                            .result());
            assertEquals(
                    ResultCode.OK,
                    client.request(new ControlBody.Group(0, 3, 0, 2048, 16)).result());
            try (Answer ready = client.request(new ControlBody.QueuePair(0))) {
                long length = assertInstanceOf(ControlBody.QueuePairReady.class, ready.body())
                        .length();
                try (MemFd queue = MemFd.adopt(ready.descriptors().getFirst());
                        Mapping mapping = Mapping.map(queue.fd(), 0, length, Mapping.Access.READ_WRITE)) {
                    assertTrue(queue.seals().containsAll(EnumSet.of(Seal.SHRINK, Seal.GROW, Seal.SEAL)));
                    MemorySegment memory = mapping.segment();
                    QueuePairDescriptor.check(memory);
                    memory.set(ValueLayout.JAVA_BYTE, QueuePairDescriptor.RINGS_OFFSET, (byte) Op.NOP);
                    QueuePairDescriptor.LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_TAIL_OFFSET, 1L);
                    rig.turn();
                    assertEquals(1L, (long)
                            QueuePairDescriptor.LONG.getAcquire(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET));
                }
            }
            assertEquals(
                    ResultCode.INVALID,
                    client.request(new ControlBody.QueuePair(0)).result());
            assertEquals(
                    ResultCode.INVALID,
                    client.request(new ControlBody.QueuePair(1)).result());
            assertEquals(
                    ResultCode.INVALID,
                    client.request(new ControlBody.Unregister(3)).result(),
                    "grouped");
            try (MemFd other = sealed(4096)) {
                assertEquals(
                        ResultCode.OK,
                        client.request(new ControlBody.Register(4, 4096), other.fd())
                                .result());
            }
            assertEquals(
                    ResultCode.OK, client.request(new ControlBody.Unregister(4)).result());
            assertEquals(
                    ResultCode.INVALID,
                    client.request(new ControlBody.Unregister(4)).result());
            welcome.close();
        }
    }

    @Test
    void shouldGiveEachSessionADoorbellOfItsOwn() throws Exception {
        try (TestClient one = rig.attach("one");
                Answer first = one.request(new ControlBody.QueuePair(0));
                EventFd rung = EventFd.adopt(first.descriptors().get(1))) {
            try (TestClient other = rig.attach("other");
                    Answer second = other.request(new ControlBody.QueuePair(0));
                    EventFd drained = EventFd.adopt(second.descriptors().get(1))) {
                assertEquals(2, rig.doorbells.size());
                rung.signal();
                assertFalse(drained.drain(), "another's ring cannot be taken");
                assertFalse(rig.doorbells.get(1).drain());
                assertTrue(rig.doorbells.get(0).drain(), "the lcore's end of it");
            }
            rig.turn();
            assertEquals(1, rig.doorbells.size(), "gone with its session");
        }
    }

    @Test
    void shouldRefuseMemoryThatCouldFault() throws Exception {
        try (TestClient client = rig.attach("bad")) {
            try (MemFd unsealed = MemFd.create("toehold-test", HugePages.NONE)) {
                unsealed.allocate(LENGTH);
                refused(client, new ControlBody.Register(0, LENGTH), "F_SEAL_SHRINK", unsealed.fd());
            }
            try (MemFd holes = MemFd.create("toehold-test", HugePages.NONE)) {
                holes.truncate(LENGTH);
                holes.seal(EnumSet.of(Seal.SHRINK));
                refused(client, new ControlBody.Register(0, LENGTH), "fallocate", holes.fd());
            }
            try (MemFd shorter = sealed(4096)) {
                refused(client, new ControlBody.Register(0, LENGTH), "sizeBytes=4096", shorter.fd());
            }
            try (RegularFile file =
                    RegularFile.openOrCreate(rig.directory.resolve("file").toString(), 0600)) {
                file.allocate(LENGTH);
                refused(client, new ControlBody.Register(0, LENGTH), "memfd", file.fd());
            }
            refused(client, new ControlBody.Register(0, LENGTH), "memfd", client.peer.fd());
            try (MemFd good = sealed(LENGTH)) {
                refused(client, new ControlBody.Register(16, LENGTH), "region=16", good.fd());
                refused(client, new ControlBody.Register(-1, LENGTH), "region=4294967295", good.fd());
                refused(client, new ControlBody.Register(0, 0), "length=0", good.fd());
                refused(client, new ControlBody.Register(0, -1), "length=18446744073709551615", good.fd());
                assertEquals(
                        ResultCode.LIMIT,
                        client.request(new ControlBody.Register(0, ControlRig.MAX_REGION_BYTES + 1), good.fd())
                                .result());
                assertEquals(
                        ResultCode.OK,
                        client.request(new ControlBody.Register(0, LENGTH), good.fd())
                                .result());
                refused(client, new ControlBody.Register(0, LENGTH), "taken", good.fd());
            }
            refused(client, new ControlBody.Group(0, 1, 0, 64, 1), "region=1");
            refused(client, new ControlBody.Group(0, 0, LENGTH - 63, 64, 1), "base=");
            refused(client, new ControlBody.Group(0, 0, Long.MAX_VALUE, 64, 1), "base=");
            refused(client, new ControlBody.Group(0, 0, 0, 63, 1), "bufferSize=63");
            refused(client, new ControlBody.Group(0, 0, 0, 64, 65537), "count=65537");
            refused(client, new ControlBody.Group(4, 0, 0, 64, 1), "group=4");
        }
    }

    private static void refused(TestClient client, ControlBody request, String why, Fd... descriptors)
            throws Exception {
        Answer answer = client.request(request, descriptors);
        ControlBody.Reply reply = assertInstanceOf(ControlBody.Reply.class, answer.body());
        assertTrue(reply.result() < 0, reply::toString);
        assertTrue(reply.text().contains(why), reply::text);
    }

    @Test
    void shouldKeepTheOrderOfTheHandshake() throws Exception {
        try (TestClient client = rig.connect()) {
            refused(client, new ControlBody.QueuePair(0), "HELLO");
            refused(client, new ControlBody.Hello(2, 0, 0, 0, ControlBody.Token.NONE, "x"), "abiMajor=2");
            refused(client, new ControlBody.Hello(1, 0, 0, 1L << 60, ControlBody.Token.NONE, "x"), "Capabilities");
            refused(
                    client,
                    new ControlBody.Hello(1, 0, 0, 0, new ControlBody.Token(1, 2), "x"),
                    "waits for this token");
            client.request(ControlRig.hello("x")).close();
            refused(client, ControlRig.hello("x"), "before");
            refused(client, new ControlBody.Resume(1, 2, 3, 4), "not of an earlier engine");
            refused(client, new ControlBody.TcpInfo(77), "no connection");
            refused(client, new ControlBody.Reply(0, "I am the engine"), "not for clients");
            byte[] offload = ByteBuffer.allocate(16)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putShort((short) ControlMessage.OFFLOAD)
                    .putShort((short) 0)
                    .putInt(16)
                    .putLong(5)
                    .array();
            client.sendRaw(offload);
            Answer answer = client.await();
            assertEquals(5, answer.correlation());
            assertTrue(((ControlBody.Reply) answer.body()).text().contains("offloads"));
        }
    }

    @Test
    void shouldCloseDescriptorsThatDoNotBelongToTheMessage() throws Exception {
        try (TestClient client = rig.attach("fds");
                MemFd memory = sealed(4096)) {
            int before = openDescriptors();
            refused(client, new ControlBody.QueuePair(9), "descriptors=1", memory.fd());
            refused(client, new ControlBody.Register(0, 4096), "descriptors=2", memory.fd(), memory.fd());
            refused(client, new ControlBody.Register(0, 4096), "descriptors=0");
            awaitDescriptors(before);
        }
    }

    @Test
    void shouldSurviveRandomMessages() throws Exception {
        long seed = 20261123;
        SplittableRandom random = new SplittableRandom(seed);
        try (TestClient honest = rig.attach("honest");
                MemFd memory = sealed(4096)) {
            int before = openDescriptors();
            for (int i = 0; i < 3000; i++) {
                try (TestClient hostile = rig.connect()) {
                    rig.turn();
                    for (int m = random.nextInt(4); m >= 0; m--) {
                        byte[] bytes = new byte[1 + random.nextInt(random.nextInt(20) == 0 ? 65536 : 80)];
                        random.nextBytes(bytes);
                        if (random.nextInt(3) > 0 && bytes.length >= 16) {
                            ByteBuffer.wrap(bytes)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .putShort((short) random.nextInt(17))
                                    .putShort((short) 0)
                                    .putInt(bytes.length);
                        }
                        Fd[] fds = new Fd[random.nextInt(4) == 0 ? random.nextInt(8) : 0];
                        Arrays.fill(fds, memory.fd());
                        hostile.sendRaw(bytes, fds);
                    }
                    rig.turn();
                }
                rig.turn();
            }
            rig.turn();
            awaitDescriptors(before);
            assertEquals(
                    ResultCode.OK,
                    honest.request(new ControlBody.Register(0, 4096), memory.fd())
                            .result());
        }
    }

    @Test
    void shouldForgetEverythingOfAClientThatIsGone() throws Exception {
        long mapped = mappings();
        int before = openDescriptors();
        try (TestClient client = rig.attach("gone");
                MemFd memory = sealed(LENGTH)) {
            client.request(new ControlBody.Register(0, LENGTH), memory.fd());
            client.request(new ControlBody.QueuePair(0)).close();
            assertTrue(rig.server.hasSessions());
            assertEquals(mapped + 2, mappings(), "the region and the queue pair");
        }
        rig.turn();
        rig.turn();
        assertFalse(rig.server.hasSessions());
        awaitDescriptors(before);
        assertEquals(mapped, mappings());
    }

    /** Those that messages can carry or leave behind; the JVM opens files of its own whenever it likes. */
    private static int openDescriptors() {
        return (int) ProcessInfo.openDescriptors().values().stream()
                .filter(target -> target.startsWith("socket:")
                        || target.startsWith("anon_inode:")
                        || target.startsWith("/memfd:"))
                .count();
    }

    /** What a stranger sent is closed aside, on another thread. */
    private static void awaitDescriptors(int expected) throws InterruptedException {
        for (int i = 0; i < 1000 && openDescriptors() != expected; i++) {
            Thread.sleep(10);
        }
        assertEquals(expected, openDescriptors());
    }

    /** Mappings that the engine's side makes, of whichever test of this JVM. */
    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/memfd:toehold-")).count();
        }
    }

    @Test
    void shouldSayWhyItEndsASessionThenHangUp() throws Exception {
        try (TestClient client = rig.attach("bad-index")) {
            try (Answer ready = client.request(new ControlBody.QueuePair(0))) {
                long length = ((ControlBody.QueuePairReady) ready.body()).length();
                try (Mapping mapping =
                        Mapping.map(ready.descriptors().getFirst(), 0, length, Mapping.Access.READ_WRITE)) {
                    QueuePairDescriptor.LONG.setRelease(
                            mapping.segment(), (long) QueuePairDescriptor.SQ_TAIL_OFFSET, 1L << 40);
                    Answer reason = client.await();
                    assertNotNull(reason);
                    assertEquals(0, reason.correlation());
                    assertEquals(ResultCode.BAD_INDEX, reason.result());
                    assertTrue(client.isHungUp());
                }
            }
        }
        rig.turn();
        assertFalse(rig.server.hasSessions());
    }

    @Test
    void shouldAnswerTheManagementInJson() throws Exception {
        for (int i = 0; i < 3000; i++) {
            var tcb = rig.tcb(i);
            tcb.generation(1);
            tcb.localLow(0xffff_0a00_0002L);
            tcb.localPort(80);
            tcb.remoteHigh(0xfd00_0000_0000_0000L);
            tcb.remoteLow(i);
            tcb.remotePort(1000 + i);
            tcb.srttUs(25);
            tcb.stateRelease(TcpState.ESTABLISHED);
        }
        try (TestClient client = rig.connect();
                TestClient attached = rig.attach("shown")) {
            JsonNode connections = json(client, "connections");
            assertEquals("toehold/connections/1", connections.get("schema").asString());
            assertEquals(3000, connections.get("items").size());
            JsonNode first = connections.get("items").get(0);
            assertEquals("ESTABLISHED", first.get("state").asString());
            assertEquals("10.0.0.2:80", first.get("local").asString());
            assertEquals("[fd00::]:1000", first.get("remote").asString());
            assertEquals(25_000, first.get("rttNs").asLong());
            for (String field :
                    List.of("id", "lcore", "client", "rto", "cwnd", "retransmits", "placedBytes", "sentBytes")) {
                assertTrue(first.has(field), field);
            }
            JsonNode details = json(client, "connections 17").get("items").get(0);
            assertEquals(17, details.get("id").asInt());
            first.propertyNames().forEach(field -> assertTrue(details.has(field), field));
            assertEquals(1500, details.get("pmtu").asInt());
            assertEquals("cubic", details.get("congestionControl").asString());
            assertTrue(details.get("consistent").asBoolean());
            JsonNode clients = json(client, "clients").get("items");
            assertEquals(1, clients.size());
            assertEquals("shown", clients.get(0).get("name").asString());
            assertEquals(
                    ProcessHandle.current().pid(), clients.get(0).get("pid").asLong());
            JsonNode counters = json(client, "counters").get("items");
            assertEquals(EngineCounter.values().length + PolicyCounter.values().length, counters.size());
            assertEquals("placement.bytes", counters.get(0).get("name").asString());
            assertEquals("bytes", counters.get(0).get("unit").asString());
            assertEquals(
                    3000,
                    json(client, "status")
                            .get("items")
                            .get(0)
                            .get("connections")
                            .asInt());
            assertEquals(
                    3,
                    json(client, "status").get("items").get(0).get("mbufsInUse").asInt());
            assertEquals(
                    "eth9",
                    json(client, "ports").get("items").get(0).get("name").asString());
            assertEquals(0, json(client, "listeners").get("items").size());
            assertEquals(0, json(client, "regions").get("items").size());
            refused(client, new ControlBody.Admin("abort 17"), "belongs to no client");
            refused(client, new ControlBody.Admin("abort 3999"), "not there");
            refused(client, new ControlBody.Admin("flush"), "flush ID");
            refused(client, new ControlBody.Admin("dance"), "known:");
            refused(client, new ControlBody.Admin("status now"), "no argument");
            assertNotNull(attached);
        }
    }

    private static JsonNode json(TestClient client, String request) throws Exception {
        Answer answer = client.request(new ControlBody.Admin(request));
        assertInstanceOf(
                ControlBody.AdminReply.class, answer.body(), () -> answer.body().toString());
        return JsonMapper.builder().build().readTree(answer.text());
    }

    /** The first answer is due when the region is not referred to any more, which it is for as long as the session lives. */
    @Test
    void shouldForgetAClientThatIsGoneWhileSoManyAnswersAreDueThatItIsNotReadFrom() throws Exception {
        try (TestClient client = rig.attach("gone");
                MemFd memory = sealed(LENGTH)) {
            client.request(new ControlBody.Register(0, LENGTH), memory.fd());
            client.request(new ControlBody.QueuePair(0)).close();
            rig.isLcoreDeaf = true;
            client.send(new ControlBody.Unregister(0));
            for (int i = 0; i < 8; i++) {
                client.send(new ControlBody.TcpInfo(0));
            }
            rig.turn();
            rig.isLcoreDeaf = false;
            assertTrue(rig.server.hasSessions());
        }
        rig.turn();
        rig.turn();
        assertFalse(rig.server.hasSessions());
    }

    @Test
    void shouldStopReadingWhenAClientTakesNoAnswers() throws Exception {
        try (TestClient client = rig.connect()) {
            for (int i = 0; i < 400; i++) {
                rig.tcb(i).stateRelease(TcpState.ESTABLISHED);
            }
            int sent = 0;
            for (int i = 0; i < 2000; i++) {
                try {
                    client.send(new ControlBody.Admin("connections"));
                    sent++;
                } catch (AssertionError full) {
                    break;
                }
                rig.turn();
            }
            assertTrue(sent < 2000, "the socket fills up: nobody reads it");
            for (int i = 0; i < sent; i++) {
                assertNotNull(client.await(), "every request is answered in the end");
            }
            assertNull(client.await());
        }
    }

    @Test
    void shouldTurnAwayWhomThePolicyRefuses() throws Exception {
        SessionPolicy nobody = peer -> Grant.nothing("uid=" + peer.uid() + " is not welcome");
        try (ControlRig strict = new ControlRig(nobody);
                TestClient client = strict.connect()) {
            Answer reason = client.await();
            assertEquals(ResultCode.DENIED, reason.result());
            assertTrue(client.isHungUp());
        }
    }

    @Test
    void shouldKeepToWhatIsGrantedAndNameTheKey() throws Exception {
        try (ControlRig strict = new ControlRig(peer -> ControlRig.grant("attach = false here", true, false));
                TestClient client = strict.connect()) {
            refused(client, ControlRig.hello("x"), "attach = false here");
            assertInstanceOf(
                    ControlBody.AdminReply.class,
                    client.request(new ControlBody.Admin("clients")).body());
            refused(client, new ControlBody.Admin("flush 1"), "admin = \"all\" in test");
            assertEquals(1, count(strict, "policy.attach.denied"));
            assertEquals(1, count(strict, "policy.admin.denied"));
        }
        try (ControlRig strict = new ControlRig(peer -> ControlRig.grant("", false, false));
                TestClient client = strict.attach("a client")) {
            refused(client, new ControlBody.Admin("connections"), "admin = \"read\" in test");
        }
    }

    @Test
    void shouldCountSessionsAndBytesAgainstTheGrant() throws Exception {
        Grant small = new Grant("[[policy]] 3", "", true, false, false, 1, 2 * LENGTH, SessionLimits.of(4, 1));
        try (ControlRig strict = new ControlRig(peer -> small);
                MemFd memory = sealed(2 * LENGTH)) {
            try (TestClient first = strict.attach("first");
                    TestClient second = strict.connect()) {
                refused(second, ControlRig.hello("second"), "raise sessions in [[policy]] 3");
                assertEquals(
                        ResultCode.OK,
                        first.request(new ControlBody.Register(0, LENGTH), memory.fd())
                                .result());
                refused(
                        first,
                        new ControlBody.Register(1, LENGTH + 1),
                        "raise region-bytes in [[policy]] 3",
                        memory.fd());
                assertEquals(
                        ResultCode.OK,
                        first.request(new ControlBody.Register(1, LENGTH), memory.fd())
                                .result());
                JsonNode item = new JsonMapper()
                        .readTree(
                                first.request(new ControlBody.Admin("clients")).text())
                        .get("items")
                        .get(0);
                assertEquals("[[policy]] 3", item.get("policy").stringValue());
                assertEquals(2 * LENGTH, item.get("maxRegionBytes").longValue());
                assertEquals(4, item.get("maxConnections").longValue());
            }
            strict.turn();
            strict.attach("third").close();
            assertEquals(1, count(strict, "policy.sessions.limit"));
            assertEquals(1, count(strict, "policy.region.bytes.limit"));
        }
    }

    private static long count(ControlRig rig, String name) {
        return rig.counters.sum(rig.counters.indexOf(name));
    }

    @Test
    void shouldLeaveNoSocketBehind() throws Exception {
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(rig.socket)));
        rig.closeServer();
        assertFalse(Files.exists(rig.socket));
    }
}
