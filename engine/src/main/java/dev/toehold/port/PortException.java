package dev.toehold.port;

/** A port cannot be opened as configured; the message says in one line which, why, and what to do. */
public final class PortException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PortException(final String message) {
        super(message);
    }

    PortException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
