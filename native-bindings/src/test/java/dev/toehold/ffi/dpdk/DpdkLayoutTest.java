package dev.toehold.ffi.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DpdkLayoutTest {
    private static final String HEADER = "# a comment\nrelease 22.11\nsoname 23\narch amd64\n";

    private static DpdkLayout parse(final String text) throws IOException {
        return DpdkLayout.parse("test", new BufferedReader(new StringReader(text)));
    }

    @Test
    void shouldParseFieldsSizesAndConstants() throws IOException {
        final DpdkLayout layout =
                parse(HEADER + "sizeof(rte_mbuf)=0,128\nrte_mbuf.pool=56,8\nconst FLAG=0x8000000000000000\n");
        assertEquals("22.11", layout.release());
        assertEquals(23, layout.soname());
        assertEquals("amd64", layout.arch());
        assertEquals(128, layout.sizeof("rte_mbuf"));
        assertEquals(56, layout.offset("rte_mbuf.pool", 8));
        assertEquals(Long.MIN_VALUE, layout.constant("FLAG"));
    }

    @Test
    void shouldRefuseAFieldOfAnotherSize() throws IOException {
        final DpdkLayout layout = parse(HEADER + "rte_mbuf.pool=56,4\n");
        final IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> layout.offset("rte_mbuf.pool", 8));
        assertTrue(e.getMessage().contains("rte_mbuf.pool has size=4"), e.getMessage());
    }

    @Test
    void shouldNameWhatIsMissing() throws IOException {
        final DpdkLayout layout = parse(HEADER);
        assertTrue(assertThrows(IllegalStateException.class, () -> layout.offset("rte_mbuf.next", 8))
                .getMessage()
                .contains("rte_mbuf.next is missing"));
        assertTrue(assertThrows(IllegalStateException.class, () -> layout.constant("RTE_X"))
                .getMessage()
                .contains("RTE_X is missing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1", "a=,4", "a=-1,4", "const A=12", "const A=0xzz", "novalue", "a=1,4\na=2,4"})
    void shouldRefuseABadLineByItsNumber(final String line) {
        final IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> parse(HEADER + line + "\n"));
        assertTrue(e.getMessage().startsWith("test:"), e.getMessage());
    }

    @Test
    void shouldRefuseAFileWithoutItsRelease() {
        assertThrows(IllegalArgumentException.class, () -> parse("soname 23\narch amd64\n"));
    }

    @Test
    void shouldKnowNoLayoutOfAnUnknownLibrary() {
        assertNull(DpdkLayout.load(9999, "amd64"));
        assertNotNull(DpdkLayout.load(23, "amd64"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DPDK 22.11", "DPDK 22.11.0", "DPDK 22.11.11"})
    void shouldAcceptTheRelease(final String version) {
        Dpdk.checkRelease(DpdkLayout.load(23, "amd64"), version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DPDK 22.1", "DPDK 23.03.0", "DPDK 22.111", ""})
    void shouldRefuseAnotherRelease(final String version) {
        final DpdkUnavailableException e = assertThrows(
                DpdkUnavailableException.class, () -> Dpdk.checkRelease(DpdkLayout.load(23, "amd64"), version));
        assertTrue(e.getMessage().contains('"' + version + '"'), e.getMessage());
        assertTrue(e.getMessage().contains("DPDK 22.11.x"), e.getMessage());
    }

    @Test
    void shouldNamePackagesAsDebianDoes() {
        assertEquals("librte-net-af-packet23", Dpdk.packageName("net_af_packet", 23));
        assertEquals("librte-net-e1000-23", Dpdk.packageName("net_e1000", 23));
    }
}
