package dev.toehold.ffi.linux;

/** The process's file mode creation mask. */
public final class Umask {
    private Umask() {}

    /**
     * Sets it for all threads.
     *
     * @param mask permission bits that new files do not get, 0 to 0777
     * @return the mask before
     */
    public static int set(int mask) {
        return ProcessCalls.umask(Check.range("mask", mask, 0, 0777));
    }
}
