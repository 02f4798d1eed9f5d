package dev.toehold.ffi.dpdk;

/** A control-path call of DPDK failed; the message names the call, its arguments, the errno and what DPDK logged. */
public final class DpdkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    DpdkException(final String what, final int errno, final String logged) {
        super(what + " failed: " + RteErrno.text(errno) + (logged.isEmpty() ? "" : " (" + logged + ")"));
        this.errno = Math.abs(errno);
    }

    /** The positive errno that DPDK gave, 0 if it gave none. */
    public int errno() {
        return errno;
    }
}
