package dev.toehold.ffi.linux;

/** Who this process acts as. */
public final class Credentials {
    private Credentials() {}

    /** The effective user id. */
    public static int effectiveUid() {
        return ProcessCalls.geteuid();
    }

    /** The effective group id. */
    public static int effectiveGid() {
        return ProcessCalls.getegid();
    }
}
