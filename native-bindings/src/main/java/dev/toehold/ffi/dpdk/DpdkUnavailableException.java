package dev.toehold.ffi.dpdk;

/** DPDK cannot be used on this machine as it is; the message says in one line what is missing and what to install. */
public final class DpdkUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DpdkUnavailableException(final String message) {
        super(message);
    }

    public DpdkUnavailableException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
