package dev.toehold.cli.serve;

import java.io.IOException;

/** A request that is answered with an error status. */
final class HttpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String header;

    HttpException(int status, String reason) {
        this(status, reason, "");
    }

    /** {@code header}: one more line for the answer, such as {@code Allow: GET}, or empty. */
    HttpException(int status, String reason, String header) {
        super(reason);
        this.status = status;
        this.header = header;
    }

    int status() {
        return status;
    }

    String header() {
        return header;
    }
}
