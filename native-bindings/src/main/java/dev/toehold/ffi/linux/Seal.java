package dev.toehold.ffi.linux;

import java.util.EnumSet;
import java.util.Set;

/** What a sealed {@link MemFd} can never undergo again ({@code F_ADD_SEALS} of fcntl(2)). */
public enum Seal {
    /** No more seals. */
    SEAL(FcntlH.F_SEAL_SEAL),
    /** The size never falls: no access below it can raise SIGBUS for want of file. */
    SHRINK(FcntlH.F_SEAL_SHRINK),
    /** The size never grows. */
    GROW(FcntlH.F_SEAL_GROW),
    /** No writing at all; refused while a writable shared mapping exists. */
    WRITE(FcntlH.F_SEAL_WRITE),
    /** No new writable mapping and no {@code write}; mappings that exist keep writing. */
    FUTURE_WRITE(FcntlH.F_SEAL_FUTURE_WRITE),
    /** The execute permission does not change (Linux 6.3). */
    EXEC(MemfdH.F_SEAL_EXEC);

    private final int bit;

    Seal(int bit) {
        this.bit = bit;
    }

    static int toBits(Set<Seal> seals) {
        int bits = 0;
        for (Seal seal : seals) {
            bits |= seal.bit;
        }
        return bits;
    }

    static Set<Seal> ofBits(int bits) {
        Set<Seal> seals = EnumSet.noneOf(Seal.class);
        for (Seal seal : values()) {
            if ((bits & seal.bit) != 0) {
                seals.add(seal);
            }
        }
        return seals;
    }
}
