package dev.toehold.client;

/**
 * What a {@link ConnectionCore} tells its user. Called from {@link QueuePairCore#drainEvents}, never from within a
 * change of state, so the user may call anything.
 */
interface ConnectionEvents {
    /** Bytes in provided buffers, the end of the stream, or the end of the connection can be seen. */
    void onReadable();

    /**
     * A submission is done and its memory is the application's again.
     *
     * @param op of {@link dev.toehold.abi.Op}
     * @param result bytes (RECEIVE, SEND), 0, or a negative code
     * @param filled RECEIVE: bytes in the location, also when result is a code
     */
    void onCompleted(int op, Object attachment, long token, int result, int filled);

    /** The connection died; comes once. */
    void onTerminated(int code);

    /** The engine has forgotten the connection; the last event. */
    void onClosed();
}
