package dev.toehold.control;

import java.lang.foreign.MemorySegment;

/** What makes a region fit for the engine's copy engines: no access of theirs may fault. On the control thread. */
public interface CopyRegions {
    /** The CPU copies: there is nothing that a region could be fit for. */
    CopyRegions NONE = new CopyRegions() {
        @Override
        public boolean isThere() {
            return false;
        }

        @Override
        public String open(MemorySegment memory, boolean isLocked, boolean isTrusted) {
            return "";
        }

        @Override
        public void close(MemorySegment memory) {}
    };

    boolean isThere();

    /**
     * Prepares a mapped region.
     *
     * @param isLocked the kernel promised to keep it in RAM
     * @param isTrusted its owner will not take pages away
     * @return empty, or why the CPU must copy there
     */
    String open(MemorySegment memory, boolean isLocked, boolean isTrusted);

    /** Undoes an {@link #open} that returned empty; no copy into the region is outstanding. */
    void close(MemorySegment memory);
}
