package dev.toehold.ffi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace (network_namespaces(7)), named as {@code ip netns} names them: a mount at
 * {@code /run/netns/NAME}. Making, entering and deleting need CAP_SYS_ADMIN.
 *
 * <p>{@link #close} only lets go of the descriptor; {@link #delete} removes the name, and the kernel removes the
 * namespace with its last thread, socket and descriptor.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final String DIRECTORY = "/run/netns";
    private static final String OF_CALLING_THREAD = "/proc/thread-self/ns/net";
    private static final int MAX_NAME_BYTES = 255;
    private static final String REMEDY = "CAP_SYS_ADMIN is needed";

    private final String name;
    private final Fd fd;

    private NetworkNamespace(String name, Fd fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Makes a new namespace with nothing but a loopback interface, which is down.
     *
     * @param name a file name, unique on this machine
     * @throws LinuxException EEXIST if there is one of that name; EPERM without CAP_SYS_ADMIN
     */
    public static NetworkNamespace create(String name) {
        String path = path(name);
        prepareDirectory();
        openFd(path, FcntlH.O_CREAT | FcntlH.O_EXCL).close();
        boolean mounted = false;
        try {
            mountNewNamespace(name, path);
            mounted = true;
            return open(name);
        } finally {
            if (!mounted) {
                RegularFile.unlink(path);
            }
        }
    }

    /**
     * Opens a namespace by name.
     *
     * @throws LinuxException ENOENT if there is none
     */
    public static NetworkNamespace open(String name) {
        String path = path(name);
        Fd fd = openFd(path, 0);
        if (FileStatus.fileSystem(fd).type() != FcntlH.NSFS_MAGIC) {
            fd.close();
            throw new IllegalStateException(
                    "path=" + path + " is no namespace; if nothing uses it: ip netns delete " + name);
        }
        return new NetworkNamespace(name, fd);
    }

    /** The namespace of the calling thread, without a name. */
    public static NetworkNamespace current() {
        return new NetworkNamespace("", openFd(OF_CALLING_THREAD, 0));
    }

    /** Empty for {@link #current}. */
    public String name() {
        return name;
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Runs {@code task} in this namespace, on a thread of its own that ends with it, and waits. Sockets that it opens stay
     * in the namespace wherever they are used later; threads that it starts are in it too.
     *
     * @return the task's result
     * @throws Exception what the task threw
     */
    public <T> T run(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(() -> {
            enter();
            return task.call();
        });
        Thread.ofPlatform().name("netns-" + name).start(future);
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            throw e;
        }
    }

    /**
     * Moves the calling thread, and threads that it starts later, into this namespace. For threads that are the caller's
     * own: one of a pool would surprise its next user.
     */
    public void enter() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("the calling thread is virtual: namespaces belong to platform threads");
        }
        int number = fd.acquire();
        try {
            check("setns(namespace=" + name + ")", NamespaceCalls.setns(number, ProcessH.CLONE_NEWNET));
        } finally {
            fd.release();
        }
    }

    /**
     * What to put in front of a command line to run it in this namespace. {@code /sys/class/net} still shows the caller's
     * interfaces there.
     */
    public List<String> commandPrefix() {
        return List.of("nsenter", "--net=" + path(name), "--");
    }

    /** Removes the name and closes. Idempotent: a name that is gone is no error. */
    public void delete() {
        String path = path(name);
        int result = NamespaceCalls.umount2(path, ProcessH.MNT_DETACH);
        // EINVAL: not mounted, such as a file that a crash left between the steps of create.
        if (!Errno.EINVAL.is(result) && !Errno.ENOENT.is(result)) {
            check("umount2(path=" + path + ")", result);
        }
        RegularFile.unlink(path);
        close();
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return name.isEmpty() ? fd.toString() : name;
    }

    private static String path(String name) {
        Check.cString("name", name, MAX_NAME_BYTES);
        if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("name=" + name + ": not a file name");
        }
        return DIRECTORY + "/" + name;
    }

    private static Fd openFd(String path, int flags) {
        return RegularFile.openFd(path, FcntlH.O_RDONLY | flags, 0);
    }

    /** As {@code ip netns} does it: a mount of its own that shares what is mounted in it with other mount namespaces. */
    private static void prepareDirectory() {
        try {
            Files.createDirectories(Path.of(DIRECTORY));
        } catch (IOException e) {
            throw new UncheckedIOException(DIRECTORY + " cannot be made: " + REMEDY, e);
        }
        try (Fd lock = openFd(DIRECTORY, 0)) {
            // Two that prepare it at once would mount it twice, and names under the lower mount could not be deleted.
            check("flock(path=" + DIRECTORY + ")", FileCalls.flock(lock.number(), FcntlH.LOCK_EX));
            long shared = ProcessH.MS_SHARED | ProcessH.MS_REC;
            int result = NamespaceCalls.mount("", DIRECTORY, shared);
            if (Errno.EINVAL.is(result)) { // not a mount yet
                result = NamespaceCalls.mount(DIRECTORY, DIRECTORY, ProcessH.MS_BIND | ProcessH.MS_REC);
                check("mount(path=" + DIRECTORY + ", MS_BIND)", result);
                result = NamespaceCalls.mount("", DIRECTORY, shared);
            }
            check("mount(path=" + DIRECTORY + ", MS_SHARED)", result);
        }
    }

    /** On a thread that ends with it: nothing else may run in the new namespace, which the mount keeps alive. */
    private static void mountNewNamespace(String name, String path) {
        int[] result = new int[2];
        Thread thread = Thread.ofPlatform().name("netns-create").start(() -> {
            result[0] = NamespaceCalls.unshare(ProcessH.CLONE_NEWNET);
            result[1] = result[0] < 0 ? 0 : NamespaceCalls.mount(OF_CALLING_THREAD, path, ProcessH.MS_BIND);
        });
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        check("unshare(CLONE_NEWNET, namespace=" + name + ")", result[0]);
        check("mount(path=" + path + ", MS_BIND)", result[1]);
    }

    private static void check(String call, int result) {
        if (result < 0) {
            throw LinuxException.of(call, result, Errno.EPERM.is(result) ? REMEDY : "");
        }
    }
}
