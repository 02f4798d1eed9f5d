package dev.toehold.client;

/** A blocking operation: where its outcome is put. Guarded by the lane's lock. */
final class Waiter {
    private boolean isDone;
    private int result;
    private int filled;

    void complete(int outcome, int bytes) {
        isDone = true;
        result = outcome;
        filled = bytes;
    }

    boolean isDone() {
        return isDone;
    }

    /** Bytes, 0 or a negative code. */
    int result() {
        return result;
    }

    /** RECEIVE: bytes in the location, also when the result is a code. */
    int filled() {
        return filled;
    }
}
