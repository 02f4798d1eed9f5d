package dev.toehold.engine.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Table {@code [engine]}; see {@link Setting} for how each key is declared. */
public record EngineSettings(
        @Setting(
                ifAbsent = "\"toehold\"",
                pattern = "[a-z0-9][a-z0-9_-]{0,31}",
                allowed = "1 to 32 of a-z, 0-9, _ and -, the first a letter or digit",
                meaning = "Name of this engine. Two engines of one host need two names.")
        String name,

        @Setting(
                ifAbsent = "\"/run/toehold/{engine.name}\"",
                meaning =
                        "Directory for the state file, counters and errors; made with mode 0750 if it is not there. On"
                                + " tmpfs, so that connections survive the engine but not the host.")
        Path state,

        @Setting(
                ifAbsent = "[0]",
                max = 1023,
                meaning =
                        "CPUs: one poll thread is pinned on each, the other threads keep off them. [] means one poll thread that is not pinned.")
        List<Integer> lcores,

        @Setting(
                ifAbsent = "\"adaptive\"",
                meaning =
                        "What a poll thread does without work: adaptive spins, yields, then sleeps until a packet, a client or"
                                + " a timer wants it; spin never sleeps.")
        IdleMode idle,

        @Setting(
                ifAbsent = "65536",
                min = 64,
                max = 4_194_304,
                meaning = "TCBs (512 bytes each) in the state file, shared out evenly among the lcores.")
        int maxConnections,

        @Setting(
                ifAbsent = "\"30s\"",
                max = 3600 * Setting.SECOND,
                meaning =
                        "How long connections of an engine that died wait for their clients, after the next one has started;"
                                + " then they are reset.")
        Duration resumeGrace,

        @Setting(
                ifAbsent = "\"if-free\"",
                meaning = "Hugepages for packet memory: if-free takes them when there are enough and says so when not;"
                        + " required refuses to start without; never does not try.")
        HugepageUse hugepages,

        @Setting(
                ifAbsent = "\"128M\"",
                min = 16L << 20,
                max = 1L << 40,
                unit = "bytes",
                meaning = "Packet memory (mbufs and rings) that DPDK sets aside at start.")
        long packetMemory,

        @Setting(
                ifAbsent = "\"2s\"",
                max = 60 * Setting.SECOND,
                meaning =
                        "How long at most the engine exchanges segments with itself before it serves, so that the JVM has compiled"
                                + " the way of a packet when the first one comes. 0s: not at all.")
        Duration rehearsal,

        @Setting(
                ifAbsent = "[]",
                pattern = "[A-Za-z0-9._:-]{1,63}",
                allowed =
                        "a DMA device of DPDK's: a PCI address, a work queue of idxd, or a virtual one such as \"dma_skeleton0\"",
                meaning =
                        "Copy engines that place payload in the CPU's stead, the first for the first lcore, and so on. [] means that the"
                                + " CPU copies.")
        List<String> copyEngines,

        @Setting(
                ifAbsent = "\"0\"",
                max = 1L << 20,
                unit = "bytes",
                meaning =
                        "Payload from which on a copy engine copies. 0: from where it costs the lcore less than copying would,"
                                + " measured at start.")
        long copyEngineLeast) {
    public EngineSettings {
        lcores = List.copyOf(lcores);
        copyEngines = List.copyOf(copyEngines);
    }

    /** {@link #packetMemory} in the unit that EAL takes, rounded up. */
    public int packetMemoryMegabytes() {
        return (int) ((packetMemory + (1 << 20) - 1) >>> 20);
    }
}
