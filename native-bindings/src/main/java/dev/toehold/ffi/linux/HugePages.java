package dev.toehold.ffi.linux;

/** The page size behind a {@link MemFd}. */
public enum HugePages {
    /** Ordinary pages: a tmpfs memfd. */
    NONE(0),
    /** 2 MiB pages of the machine's pool: a hugetlbfs memfd. */
    SIZE_2M(FcntlH.MFD_HUGETLB | FcntlH.MFD_HUGE_2MB),
    /** 1 GiB pages of the machine's pool: a hugetlbfs memfd. */
    SIZE_1G(FcntlH.MFD_HUGETLB | FcntlH.MFD_HUGE_1GB);

    final int memfdFlags;

    HugePages(int memfdFlags) {
        this.memfdFlags = memfdFlags;
    }
}
