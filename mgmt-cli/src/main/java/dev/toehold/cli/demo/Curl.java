package dev.toehold.cli.demo;

import dev.toehold.cli.CommandFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel's TCP at work: one transfer by curl on the peer's side. */
final class Curl {
    private static final List<String> CURL = List.of("curl", "--silent", "--show-error", "--fail", "--noproxy", "*");

    /** Slower than this (bytes per second, over so many seconds) counts as stuck. */
    private static final List<String> PATIENCE =
            List.of("--connect-timeout", "10", "--speed-limit", "1000", "--speed-time", "20");

    private final DemoNetwork network;
    private final Cleanup cleanup;

    Curl(DemoNetwork network, Cleanup cleanup) {
        this.network = network;
        this.cleanup = cleanup;
    }

    /** Downloads. Returns the hash of what came. */
    String download(String url) throws Exception {
        Process process = start(List.of(url));
        String hash = Payload.hash(process.getInputStream());
        check(process, "download of " + url);
        return hash;
    }

    /** Uploads a file by PUT. */
    void upload(Path file, String url) throws Exception {
        Process process = start(List.of("--upload-file", file.toString(), url));
        process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        check(process, "upload to " + url);
    }

    private Process start(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(CURL);
        command.addAll(PATIENCE);
        command.addAll(arguments);
        return cleanup.make(
                "curl",
                () -> new ProcessBuilder(network.onPeerSide(command))
                        .redirectInput(Path.of("/dev/null").toFile())
                        .start(),
                Process::destroyForcibly);
    }

    private static void check(Process process, String what) throws IOException, InterruptedException {
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new CommandFailedException(what + " failed: " + errors.strip() + " (exit code " + code + ")");
        }
    }
}
