package dev.toehold.ffi.dpdk;

/** A control-path call of DPDK failed; the message names the call, its arguments, the errno and what DPDK logged. */
public final class DpdkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    DpdkException(final String what, final int errno, final String logged) {
        super(what + " failed" + reason(errno) + (logged.isEmpty() ? "" : ": " + logged));
        this.errno = Math.abs(errno);
    }

    /** Drivers return -1 for any failure, which does not mean EPERM. */
    private static String reason(final int errno) {
        return Math.abs(errno) <= 1 ? "" : " with " + RteErrno.text(errno);
    }

    /** The positive errno that DPDK gave, 0 if it gave none. */
    public int errno() {
        return errno;
    }
}
