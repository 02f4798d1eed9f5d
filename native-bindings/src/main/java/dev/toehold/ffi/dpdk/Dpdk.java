package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * DPDK's shared libraries and the layout of their structures. Libraries are found by soname ({@code librte_eal.so.23}),
 * so no development package is needed; a release whose layout is not known is refused, as reading its structures by
 * another release's offsets would corrupt memory.
 */
public final class Dpdk {
    /** Sonames with a layout resource, newest first. */
    private static final int[] KNOWN_SONAMES = {23};

    private static final List<String> LIBRARY_DIRECTORIES =
            List.of("/usr/local/lib", "/usr/local/lib64", "/usr/lib", "/usr/lib64", "/lib");

    private static Dpdk loaded;

    private final DpdkLayout layout;
    private final String version;
    private final Map<String, SymbolLookup> libraries = new ConcurrentHashMap<>();

    private Dpdk(final DpdkLayout layout, final SymbolLookup eal) {
        this.layout = layout;
        libraries.put("eal", eal);
        version = callString("eal", "rte_version");
    }

    /**
     * Finds the libraries and checks their release. Cheap when done before.
     *
     * @throws DpdkUnavailableException if there is no DPDK here, or none whose layout is known
     */
    public static synchronized Dpdk load() {
        if (loaded == null) {
            loaded = open();
        }
        return loaded;
    }

    private static Dpdk open() {
        final String arch = System.getProperty("os.arch");
        final StringBuilder known = new StringBuilder();
        for (final int soname : KNOWN_SONAMES) {
            final DpdkLayout layout = DpdkLayout.load(soname, arch);
            if (layout == null) {
                continue;
            }
            known.append(known.isEmpty() ? "" : ", ").append(layout.release());
            final SymbolLookup eal = lookup(libraryName("eal", soname));
            if (eal != null) {
                final Dpdk dpdk = new Dpdk(layout, eal);
                checkRelease(layout, dpdk.version);
                return dpdk;
            }
        }
        if (known.isEmpty()) {
            throw new DpdkUnavailableException(
                    "DPDK: no structure layout is known for architecture " + arch + "; supported: amd64");
        }
        final Set<String> found = new TreeSet<>();
        LIBRARY_DIRECTORIES.forEach(directory -> findLibraries(Path.of(directory), found));
        final int soname = KNOWN_SONAMES[0];
        final String wanted = libraryName("eal", soname);
        final String state = found.isEmpty()
                ? " is not installed"
                : found.contains(wanted)
                        ? " cannot be loaded (damaged, or ldd names what it lacks)"
                        : " is not installed, only " + String.join(", ", found);
        throw new DpdkUnavailableException("DPDK " + known + " is needed: library " + wanted + state
                + "; install package " + packageName("eal", soname) + " with its drivers (Debian 12: dpdk)");
    }

    static void checkRelease(final DpdkLayout layout, final String version) {
        final String wanted = "DPDK " + layout.release();
        if (!version.equals(wanted) && !version.startsWith(wanted + ".")) {
            throw new DpdkUnavailableException("DPDK release \"" + version + "\" in "
                    + libraryName("eal", layout.soname())
                    + " is not supported: the structure layouts known are those of "
                    + wanted + ".x; install that release");
        }
    }

    private static void findLibraries(final Path directory, final Set<String> found) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (final Path entry : entries) {
                final String name = entry.getFileName().toString();
                if (name.matches("librte_eal\\.so\\.\\d+")) {
                    found.add(name);
                } else if (name.endsWith("-linux-gnu") && Files.isDirectory(entry)) {
                    findLibraries(entry, found);
                }
            }
        } catch (final IOException e) {
            // A directory that is absent or unreadable holds nothing that could have been loaded.
            return;
        }
    }

    private static SymbolLookup lookup(final String library) {
        try {
            return SymbolLookup.libraryLookup(library, Arena.global());
        } catch (final IllegalArgumentException e) {
            return null;
        }
    }

    private static String libraryName(final String library, final int soname) {
        return "librte_" + library + ".so." + soname;
    }

    /** The Debian package of a library: {@code net_af_packet} gives {@code librte-net-af-packet23}. */
    static String packageName(final String library, final int soname) {
        final boolean endsInDigit = Character.isDigit(library.charAt(library.length() - 1));
        return "librte-" + library.replace('_', '-') + (endsInDigit ? "-" : "") + soname;
    }

    /** What {@code rte_version()} says, as in {@code DPDK 22.11.11}. */
    public String version() {
        return version;
    }

    /** The number that ends the libraries' sonames. */
    public int soname() {
        return layout.soname();
    }

    /** The package that holds driver {@code name}, as in {@code net_af_packet}. */
    String driverPackage(final String name) {
        return packageName(name, soname());
    }

    DpdkLayout layout() {
        return layout;
    }

    /**
     * The layout of DPDK's structures here; where there is no DPDK, that of the newest release known, for structures in memory
     * of our own that no DPDK will ever see.
     *
     * @throws DpdkUnavailableException if no layout is known for this architecture
     */
    static DpdkLayout structures() {
        try {
            return load().layout();
        } catch (final DpdkUnavailableException e) {
            final DpdkLayout layout = DpdkLayout.load(KNOWN_SONAMES[0], System.getProperty("os.arch"));
            if (layout == null) {
                throw e;
            }
            return layout;
        }
    }

    /**
     * Address of a symbol of {@code librte_<library>}; a thread-local symbol gives the calling thread's own
     * address.
     */
    MemorySegment symbol(final String library, final String name) {
        final SymbolLookup lookup = libraries.computeIfAbsent(library, this::openLibrary);
        return lookup.find(name)
                .orElseThrow(() -> new DpdkUnavailableException(libraryName(library, soname()) + " of " + version
                        + " lacks the symbol " + name + "; install an unmodified " + packageName(library, soname())));
    }

    private SymbolLookup openLibrary(final String library) {
        final String file = libraryName(library, soname());
        final SymbolLookup lookup = lookup(file);
        if (lookup == null) {
            throw new DpdkUnavailableException(
                    "DPDK library " + file + " is not installed; install package " + packageName(library, soname()));
        }
        return lookup;
    }

    MethodHandle function(
            final String library, final String name, final FunctionDescriptor type, final Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(symbol(library, name), type, options);
    }

    private String callString(final String library, final String name) {
        try {
            final long address = (long)
                    function(library, name, FunctionDescriptor.of(JAVA_LONG)).invokeExact();
            return Memory.getString(address, 256);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
