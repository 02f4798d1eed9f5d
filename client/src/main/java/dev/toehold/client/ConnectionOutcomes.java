package dev.toehold.client;

import dev.toehold.abi.Op;
import java.util.concurrent.CompletableFuture;

/** Tells whoever asked what became of it: a blocked caller, a future, the output stream, or the user's handler. */
final class ConnectionOutcomes implements ConnectionEvents {
    private final Connection connection;
    private final ConnectionWaits waits;
    private final ConnectionOutputStream output;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private ConnectionHandler handler;

    ConnectionOutcomes(Connection connection, ConnectionWaits waits, ConnectionOutputStream output) {
        this.connection = connection;
        this.waits = waits;
        this.output = output;
    }

    void handler(ConnectionHandler user) {
        handler = user;
    }

    /** Completes when the engine has forgotten the connection. */
    CompletableFuture<Void> closed() {
        return closed;
    }

    @Override
    public void onReadable() {
        waits.signal();
        ConnectionHandler user = handler;
        if (user != null) {
            try {
                user.onReadable(connection);
            } catch (RuntimeException e) {
                onHandlerFailure(e);
            }
        }
    }

    @Override
    public void onCompleted(int op, Object attachment, long token, int result, int filled) {
        switch (attachment) {
            case null -> callHandler(op, token, result, filled);
            case Waiter waiter -> {
                waiter.complete(result, filled);
                waits.signal();
            }
            case CompletableFuture<?> future ->
                connection.lane().afterUnlock(() -> complete(future, op, result, filled));
            case ConnectionOutputStream stream -> {
                stream.onAcknowledged((int) token);
                waits.signal();
            }
            default -> throw new AssertionError(attachment);
        }
    }

    @Override
    public void onTerminated(int code) {
        waits.signal();
        output.onEnd();
        ConnectionHandler user = handler;
        if (user != null) {
            try {
                user.onTerminated(connection, code);
            } catch (RuntimeException e) {
                onHandlerFailure(e);
            }
        }
    }

    @Override
    public void onClosed() {
        waits.signal();
        output.onEnd();
        connection.lane().afterUnlock(() -> closed.complete(null));
        ConnectionHandler user = handler;
        if (user != null) {
            try {
                user.onClosed(connection);
            } catch (RuntimeException e) {
                onHandlerFailure(e);
            }
        }
    }

    private void callHandler(int op, long token, int result, int filled) {
        ConnectionHandler user = handler;
        if (user == null) {
            return;
        }
        int code = Math.min(result, 0);
        try {
            switch (op) {
                case Op.RECEIVE -> user.onReceived(connection, token, filled, code);
                case Op.SEND -> user.onSent(connection, token, code);
                case Op.FLUSH -> user.onFlushed(connection, token, code);
                case Op.SHUTDOWN -> user.onOutputShutDown(connection, token, code);
                default -> {} // ABORT and CLOSE are told by onClosed
            }
        } catch (RuntimeException e) {
            onHandlerFailure(e);
        }
    }

    private void onHandlerFailure(RuntimeException e) {
        connection.core().close(true);
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, e);
    }

    @SuppressWarnings("unchecked") // receiveAsync makes CompletableFuture<Integer>, all others CompletableFuture<Void>
    private void complete(CompletableFuture<?> future, int op, int result, int filled) {
        if (result < 0 && (op != Op.RECEIVE || filled == 0)) {
            future.completeExceptionally(ToeholdException.terminated(result, connection.toString()));
        } else if (op == Op.RECEIVE) {
            ((CompletableFuture<Integer>) future).complete(filled);
        } else {
            future.complete(null);
        }
    }
}
