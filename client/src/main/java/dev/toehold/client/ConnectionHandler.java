package dev.toehold.client;

/**
 * What happens on a connection, for programs that do not block. Called by the thread that polls (the session's own, or
 * the one in {@link Toehold#poll}), one call at a time per connection; while it runs no other connection of that lcore makes
 * progress, so it must not wait for anything. It may use every verb that does not block, of any connection.
 *
 * <p>An exception from a handler resets its connection and goes to the thread's uncaught-exception handler.
 */
public interface ConnectionHandler {
    /**
     * Bytes in provided buffers can be read ({@link Connection#receivedLength}), or the stream has ended, or the
     * connection. Comes again only after more has come: read until nothing is left.
     */
    default void onReadable(Connection connection) {}

    /**
     * An offered RECEIVE is done.
     *
     * @param token given with the offer
     * @param length bytes in the location from its beginning on
     * @param code 0, or what the connection died of; length shorter than asked for and 0 here: PUSH, FLUSH or the end
     */
    default void onReceived(Connection connection, long token, int length, int code) {}

    /** An offered SEND is done: the peer has acknowledged it all (code 0), or never will. Its memory is the application's. */
    default void onSent(Connection connection, long token, int code) {}

    /** An offered FLUSH is done. */
    default void onFlushed(Connection connection, long token, int code) {}

    /** The peer has acknowledged the end of this side's stream (code 0), or never will. */
    default void onOutputShutDown(Connection connection, long token, int code) {}

    /** The connection died: one of {@link dev.toehold.abi.ResultCode}. It still has to be closed. */
    default void onTerminated(Connection connection, int code) {}

    /** The engine has forgotten the connection and touches no memory of it any more. The last call. */
    default void onClosed(Connection connection) {}
}
