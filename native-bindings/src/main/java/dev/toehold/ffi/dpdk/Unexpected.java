package dev.toehold.ffi.dpdk;

/** What a method handle declares to throw but a downcall does not. */
final class Unexpected {
    private Unexpected() {}

    static RuntimeException of(final Throwable e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a downcall threw a checked exception", e);
    }
}
