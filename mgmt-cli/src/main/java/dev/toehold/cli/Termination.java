package dev.toehold.cli;

/** SIGTERM and SIGINT are orderly ends: what the process holds is closed, then it exits with 0. */
final class Termination {
    private Termination() {}

    /** Closes the resource when the process is asked to end. */
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
            // The JVM would exit with 143 or 130, which supervisors take for a failure.
            Runtime.getRuntime().halt(code);
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }
}
