package dev.toehold.ffi.linux;

/** Values of {@code sched.h}, {@code sys/prctl.h}, {@code sys/resource.h} and {@code sys/mount.h}, by their C names. */
final class ProcessH {
    static final int CLONE_NEWNET = 0x40000000;
    static final int PR_SET_NAME = 15;
    static final int RLIMIT_NOFILE = 7;
    static final int RLIMIT_MEMLOCK = 8;
    static final long RLIM_INFINITY = -1;

    static final long MS_BIND = 0x1000;
    static final long MS_REC = 0x4000;
    static final long MS_SHARED = 0x100000;
    static final int MNT_DETACH = 2;

    private ProcessH() {}
}
