package dev.toehold.ffi.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.StringTokenizer;
import java.util.TreeMap;

/** What {@code /proc} and the kernel say about processes. All of it can be stale when it is returned. */
public final class ProcessInfo {
    private static final int MAX_ARGUMENTS_BYTES = 65536;

    private ProcessInfo() {}

    /** Whether a process with this id exists, a zombie included; also true if it is another user's. */
    public static boolean isAlive(int pid) {
        Check.range("pid", pid, 1, Integer.MAX_VALUE);
        return !Errno.ESRCH.is(ProcessCalls.kill(pid, 0));
    }

    /** The command's name (at most 15 bytes, chosen by the process itself), or {@code "?"} if there is no such process. */
    public static String command(int pid) {
        return printable(read(pid, "comm", "?").strip());
    }

    /** The arguments it was started with (the process itself can change them); empty if they cannot be read. */
    public static List<String> commandLine(int pid) {
        List<String> arguments = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(read(pid, "cmdline", ""), "\0");
        while (tokens.hasMoreTokens()) {
            arguments.add(printable(tokens.nextToken()));
        }
        return arguments;
    }

    /**
     * This process's open descriptors and what each is, as {@code readlink} gives it: {@code "socket:[4711]"},
     * {@code "/dev/null"}. To find what native code has opened, compare before and after.
     */
    public static SortedMap<Integer, String> openDescriptors() {
        SortedMap<Integer, String> open = new TreeMap<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                readLink(link)
                        .ifPresent(target ->
                                open.put(Integer.valueOf(link.getFileName().toString()), target));
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new IllegalStateException("/proc/self/fd cannot be read: is /proc mounted?", e);
        }
        // The stream's own descriptor shows up as one on /proc/PID/fd.
        open.values().removeIf(target -> target.matches("/proc/\\d+/fd"));
        return open;
    }

    private static Optional<String> readLink(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (IOException e) {
            return Optional.empty(); // closed meanwhile
        }
    }

    private static String read(int pid, String file, String otherwise) {
        Check.range("pid", pid, 1, Integer.MAX_VALUE);
        try (var in = Files.newInputStream(Path.of("/proc", Integer.toString(pid), file))) {
            return new String(in.readNBytes(MAX_ARGUMENTS_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return otherwise;
        }
    }

    /** Another process chose this text: control characters could play tricks with a terminal. */
    private static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
