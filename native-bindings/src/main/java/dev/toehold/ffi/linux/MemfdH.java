package dev.toehold.ffi.linux;

/** Newer values than some distributions' headers have: since Linux 6.3 ({@code linux/memfd.h}, {@code linux/fcntl.h}). */
final class MemfdH {
    static final int MFD_NOEXEC_SEAL = 8;
    static final int F_SEAL_EXEC = 0x20;

    private MemfdH() {}
}
