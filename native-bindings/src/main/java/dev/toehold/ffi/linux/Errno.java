package dev.toehold.ffi.linux;

/**
 * Error numbers of Linux on x86-64 and aarch64 ({@code asm-generic/errno.h}): those that the calls of this package
 * can return.
 */
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process"),
    EINTR(4, "interrupted system call"),
    EIO(5, "input/output error"),
    ENXIO(6, "no such device or address"),
    E2BIG(7, "argument list too long"),
    EBADF(9, "bad file descriptor"),
    ECHILD(10, "no child processes"),
    EAGAIN(11, "resource temporarily unavailable"),
    ENOMEM(12, "cannot allocate memory"),
    EACCES(13, "permission denied"),
    EFAULT(14, "bad address"),
    EBUSY(16, "device or resource busy"),
    EEXIST(17, "file exists"),
    EXDEV(18, "invalid cross-device link"),
    ENODEV(19, "no such device"),
    ENOTDIR(20, "not a directory"),
    EISDIR(21, "is a directory"),
    EINVAL(22, "invalid argument"),
    ENFILE(23, "too many open files in the system"),
    EMFILE(24, "too many open files"),
    ENOTTY(25, "inappropriate ioctl for the device"),
    ETXTBSY(26, "text file busy"),
    EFBIG(27, "file too large"),
    ENOSPC(28, "no space left on the device"),
    ESPIPE(29, "illegal seek"),
    EROFS(30, "read-only file system"),
    EMLINK(31, "too many links"),
    EPIPE(32, "broken pipe"),
    ERANGE(34, "result out of range"),
    EDEADLK(35, "resource deadlock avoided"),
    ENAMETOOLONG(36, "file name too long"),
    ENOLCK(37, "no locks available"),
    ENOSYS(38, "function not implemented"),
    ENOTEMPTY(39, "directory not empty"),
    ELOOP(40, "too many levels of symbolic links"),
    ENODATA(61, "no data available"),
    EPROTO(71, "protocol error"),
    EOVERFLOW(75, "value too large for its type"),
    ENOTSOCK(88, "not a socket"),
    EDESTADDRREQ(89, "destination address required"),
    EMSGSIZE(90, "message too long"),
    EPROTOTYPE(91, "wrong type of socket"),
    ENOPROTOOPT(92, "protocol option not available"),
    EPROTONOSUPPORT(93, "protocol not supported"),
    EOPNOTSUPP(95, "operation not supported"),
    EPFNOSUPPORT(96, "protocol family not supported"),
    EAFNOSUPPORT(97, "address family not supported"),
    EADDRINUSE(98, "address already in use"),
    EADDRNOTAVAIL(99, "cannot assign the requested address"),
    ENETDOWN(100, "network is down"),
    ENETUNREACH(101, "network is unreachable"),
    ECONNABORTED(103, "connection aborted"),
    ECONNRESET(104, "connection reset by peer"),
    ENOBUFS(105, "no buffer space available"),
    EISCONN(106, "already connected"),
    ENOTCONN(107, "not connected"),
    ETOOMANYREFS(109, "too many references: descriptors in flight"),
    ETIMEDOUT(110, "timed out"),
    ECONNREFUSED(111, "connection refused"),
    EHOSTUNREACH(113, "no route to host"),
    EALREADY(114, "operation already in progress"),
    EINPROGRESS(115, "operation now in progress"),
    ESTALE(116, "stale file handle"),
    EDQUOT(122, "disk quota exceeded"),
    ECANCELED(125, "operation cancelled");

    private static final Errno[] BY_NUMBER = byNumber();

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The positive number of {@code errno.h}. */
    public int number() {
        return number;
    }

    /** What it means, in English whatever the locale. */
    public String text() {
        return text;
    }

    /** Whether a result of this package's calls ({@code -errno} on failure) is this error. */
    boolean is(long result) {
        return result == -number;
    }

    /** {@code "ENOENT (2), no such file or directory"}; for a number outside this table {@code "errno 133"}. */
    public static String describe(int number) {
        Errno errno = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return errno == null ? "errno " + number : errno.name() + " (" + number + "), " + errno.text;
    }

    private static Errno[] byNumber() {
        Errno[] table = new Errno[ECANCELED.number + 1];
        for (Errno errno : values()) {
            table[errno.number] = errno;
        }
        return table;
    }
}
