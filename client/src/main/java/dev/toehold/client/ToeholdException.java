package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * What the engine refused or what a connection died of: the message says what happened and what to do, {@link #code} is the
 * engine's word for it.
 *
 * <p>It is a {@link SocketException}, so programs written for sockets handle it. Where they expect a particular class of
 * java.net (refused, timed out, no route, address in use), that one is thrown, with a ToeholdException as its cause.
 */
public final class ToeholdException extends SocketException {
    private static final long serialVersionUID = 1L;

    private final int code;

    ToeholdException(int code, String message) {
        super(message);
        this.code = code;
    }

    ToeholdException(int code, String message, Throwable cause) {
        super(message);
        this.code = code;
        initCause(cause);
    }

    /** One of {@link ResultCode}, negative. */
    public int code() {
        return code;
    }

    /** The exception that a socket program expects for a code, telling what was tried. */
    static IOException of(int code, String what) {
        ToeholdException cause = new ToeholdException(code, message(code, what));
        IOException expected = switch (code) {
            case ResultCode.REFUSED -> new ConnectException(cause.getMessage());
            case ResultCode.TIMED_OUT -> new SocketTimeoutException(cause.getMessage());
            case ResultCode.UNREACHABLE -> new NoRouteToHostException(cause.getMessage());
            case ResultCode.ADDRESS_IN_USE -> new BindException(cause.getMessage());
            default -> null;
        };
        if (expected == null) {
            return cause;
        }
        expected.initCause(cause);
        return expected;
    }

    /** For a connection that died of code: always a ToeholdException, so that a time-out of the peer is not taken for a read time-out. */
    static ToeholdException terminated(int code, String what) {
        return new ToeholdException(code, message(code, what));
    }

    private static String message(int code, String what) {
        return what + ": " + ResultCode.name(code) + " (" + meaning(code) + ")";
    }

    private static String meaning(int code) {
        return switch (code) {
            case ResultCode.STALE -> "the engine knows this connection no longer; open a new one";
            case ResultCode.INVALID -> "the engine refused a field; check addresses, lengths and options";
            case ResultCode.LIMIT ->
                "a quota or table of the engine is full; close something, or raise connections in [[policy]] or"
                        + " engine.max-connections of its configuration";
            case ResultCode.DENIED ->
                "the engine's policy does not allow it; the keys are attach, listen and connect of [[policy]] in its"
                        + " configuration";
            case ResultCode.RESET -> "the connection was reset";
            case ResultCode.TIMED_OUT -> "the peer did not answer in time; is it up, is a firewall between?";
            case ResultCode.UNREACHABLE -> "no route or no neighbour; check address, gateway and link";
            case ResultCode.REFUSED -> "nobody listens there";
            case ResultCode.ADDRESS_IN_USE -> "another listener has this address and port; choose another port";
            case ResultCode.REGION_FAULT -> "memory of a region went away; never truncate or punch it";
            case ResultCode.CLOSED -> "it was closed, or its output shut down, before";
            case ResultCode.OFFLOADED -> "the connection is the kernel's now";
            case ResultCode.BACK_PRESSURED -> "no room in the submission ring; poll and try again";
            case ResultCode.BAD_INDEX -> "a ring counter was wrong; something else wrote the shared memory";
            case ResultCode.INCOMPATIBLE -> "versions or required capabilities do not match; use matching releases";
            case ResultCode.ENGINE_GONE -> "the engine hung up; connect again once it runs";
            default -> "unknown code";
        };
    }
}
