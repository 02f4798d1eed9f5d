package dev.toehold.perf.rig;

import java.util.List;

/** Whose TCP serves. */
public enum Contender {
    /** The kernel's sockets without offloads: real frames and real sums, like the engine. */
    KERNEL("kernel", false),
    /** The engine and a client process. */
    TOEHOLD("toehold", false),
    /** The kernel's sockets with all offloads of veth: what a user of the kernel gets. */
    KERNEL_OFFLOADS("kernel-offloads", true);

    private final String label;
    private final boolean hasOffloads;

    Contender(String label, boolean hasOffloads) {
        this.label = label;
        this.hasOffloads = hasOffloads;
    }

    public String label() {
        return label;
    }

    public boolean hasOffloads() {
        return hasOffloads;
    }

    /** The contender of that name. */
    public static Contender of(String label) {
        return List.of(values()).stream()
                .filter(contender -> contender.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("contender=" + label + ", allowed: "
                        + List.of(values()).stream().map(Contender::label).toList()));
    }

    @Override
    public String toString() {
        return label;
    }
}
