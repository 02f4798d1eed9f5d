package dev.toehold.ffi.linux;

/** Values of {@code sys/mman.h}, by their C names. */
final class MmanH {
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 1;
    static final int MADV_POPULATE_READ = 22;
    static final int MADV_POPULATE_WRITE = 23;

    private MmanH() {}
}
