package dev.toehold.client;

/** The engine wrote something that the contract does not allow: the session cannot go on. */
final class EngineProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EngineProtocolException(String message) {
        super(message);
    }
}
