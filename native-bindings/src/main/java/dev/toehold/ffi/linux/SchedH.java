package dev.toehold.ffi.linux;

/** Constants and layout of linux/sched/types.h and of the system calls on {@code struct sched_attr}. */
final class SchedH {
    private static final boolean IS_X86_64 = System.getProperty("os.arch").equals("amd64");

    /** asm/unistd_64.h; elsewhere asm-generic/unistd.h. */
    static final long SYS_SCHED_SETATTR = IS_X86_64 ? 314 : 274;

    static final long SYS_SCHED_GETATTR = IS_X86_64 ? 315 : 275;

    /** SCHED_ATTR_SIZE_VER0, which every kernel takes. */
    static final int SCHED_ATTR_LENGTH = 48;

    static final int SCHED_ATTR_POLICY = 4;
    static final int SCHED_ATTR_RUNTIME = 24;
    static final int SCHED_OTHER = 0;

    private SchedH() {}
}
