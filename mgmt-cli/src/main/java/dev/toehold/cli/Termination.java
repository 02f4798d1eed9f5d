package dev.toehold.cli;

/** SIGTERM and SIGINT are orderly ends: what the process holds is closed, then it exits with 0. */
final class Termination {
    private static volatile boolean hasExitCode;

    private Termination() {}

    /** Closes the resource when the process ends, whatever the reason. */
    static void closes(AutoCloseable resource) {
        Thread hook = Thread.ofPlatform().name("termination").unstarted(() -> {
            int code = 0;
            try {
                resource.close();
            } catch (Exception e) {
                System.err.println("toehold: could not end in good order: " + e.getMessage());
                code = Main.FAILED;
            }
            System.out.flush();
            if (!hasExitCode) {
                // A signal: the JVM would exit with 143 or 130, which supervisors take for a failure.
                Runtime.getRuntime().halt(code);
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Ends the process with a code of its own. */
    static void exit(int code) {
        hasExitCode = true;
        System.exit(code);
    }
}
