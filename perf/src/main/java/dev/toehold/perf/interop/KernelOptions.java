package dev.toehold.perf.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the kernel's TCP offers and accepts, of new connections of a network namespace. */
public record KernelOptions(boolean sack, boolean timestamps, boolean windowScaling) {
    private static final Path SYSCTLS = Path.of("/proc/sys/net/ipv4");

    /** All eight. */
    public static List<KernelOptions> all() {
        List<KernelOptions> all = new ArrayList<>();
        for (int bits = 7; bits >= 0; bits--) {
            all.add(new KernelOptions((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));
        }
        return all;
    }

    /** For the namespace of the calling thread, until set again. */
    void apply() throws IOException {
        set("tcp_sack", sack);
        set("tcp_timestamps", timestamps);
        set("tcp_window_scaling", windowScaling);
    }

    private static void set(String name, boolean on) throws IOException {
        Path sysctl = SYSCTLS.resolve(name);
        String value = on ? "1" : "0";
        Files.writeString(sysctl, value);
        String now = Files.readString(sysctl).strip();
        if (!now.equals(value)) {
            throw new IOException(sysctl + "=" + now + ": could not be set to " + value);
        }
    }

    @Override
    public String toString() {
        return "sack=%s timestamps=%s windowScaling=%s".formatted(onOff(sack), onOff(timestamps), onOff(windowScaling));
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }
}
