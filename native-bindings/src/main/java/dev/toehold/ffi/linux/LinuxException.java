package dev.toehold.ffi.linux;

/**
 * A system call that failed: which one, with which arguments, why, and where it is known what to do about it.
 * Unchecked, because most callers can only report it; {@link #is} serves those that can do more.
 */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    private LinuxException(String call, int errno, String message) {
        super(message);
        this.call = call;
        this.errno = errno;
    }

    /**
     * @param call the call with its telling arguments as {@code name(key=value, ...)}
     * @param result what the call returned: {@code -errno}
     */
    static LinuxException of(String call, long result) {
        return of(call, result, "");
    }

    /** Like {@link #of(String, long)}, with what the user can do about it (a sentence, or empty). */
    static LinuxException of(String call, long result, String remedy) {
        int errno = (int) -result;
        String message = call + ": " + Errno.describe(errno) + (remedy.isEmpty() ? "" : "; " + remedy);
        return new LinuxException(call, errno, message);
    }

    /** The call with its arguments, as {@code mmap(length=4096, offset=0)}. */
    public String call() {
        return call;
    }

    /** The positive error number. */
    public int errno() {
        return errno;
    }

    public boolean is(Errno other) {
        return errno == other.number();
    }
}
