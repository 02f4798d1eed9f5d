package dev.toehold.perf.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Loads all of our classes anew, one of them with a {@link SeededBug}. */
final class SeededBugLoader extends ClassLoader {
    private static final String OURS = "dev.toehold.";

    private final SeededBug bug;
    private boolean isPlanted;

    SeededBugLoader(SeededBug bug) {
        super("seeded bug", SeededBugLoader.class.getClassLoader());
        this.bug = bug;
    }

    /** Whether the class with the bug was used at all. */
    boolean isPlanted() {
        return isPlanted;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream stream = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (stream == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = stream.readAllBytes();
            if (name.equals(bug.className())) {
                bytes = bug.applyTo(bytes);
                isPlanted = true;
            }
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }
}
