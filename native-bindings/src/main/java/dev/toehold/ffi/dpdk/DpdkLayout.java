package dev.toehold.ffi.dpdk;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Where one DPDK release keeps the fields of its structures: {@code struct.field=offset,size} and {@code const
 * NAME=value}, read from the resource that {@code layouts.c} printed.
 */
final class DpdkLayout {
    private final String source;
    private final Map<String, String> header = new HashMap<>();
    private final Map<String, Field> fields = new HashMap<>();
    private final Map<String, Long> constants = new HashMap<>();

    private record Field(int offset, int size) {}

    private DpdkLayout(final String source) {
        this.source = source;
    }

    /** The layout for {@code librte_*.so.<soname>} on this architecture, or null if none is kept. */
    static DpdkLayout load(final int soname, final String arch) {
        final String resource = soname + "-" + arch + ".layout";
        try (InputStream stream = DpdkLayout.class.getResourceAsStream(resource)) {
            if (stream == null) {
                return null;
            }
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
                return parse(resource, reader);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("resource " + resource + " cannot be read", e);
        }
    }

    static DpdkLayout parse(final String source, final BufferedReader reader) throws IOException {
        final DpdkLayout layout = new DpdkLayout(source);
        int lineNumber = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lineNumber++;
            if (!line.isEmpty() && line.charAt(0) != '#') {
                layout.parseLine(line, lineNumber);
            }
        }
        for (final String key : new String[] {"release", "soname", "arch"}) {
            if (!layout.header.containsKey(key)) {
                throw new IllegalArgumentException(source + ": line \"" + key + " ...\" is missing");
            }
        }
        return layout;
    }

    private void parseLine(final String line, final int lineNumber) {
        try {
            final int equals = line.indexOf('=');
            final boolean fresh;
            if (equals < 0) {
                final int space = line.indexOf(' ');
                fresh = header.put(line.substring(0, space), line.substring(space + 1)) == null;
            } else if (line.startsWith("const ")) {
                fresh = constants.put(
                                line.substring("const ".length(), equals),
                                Long.parseUnsignedLong(line.substring(equals + "=0x".length()), 16))
                        == null;
            } else {
                final int comma = line.indexOf(',', equals);
                final int offset = Integer.parseUnsignedInt(line.substring(equals + 1, comma));
                final int size = Integer.parseUnsignedInt(line.substring(comma + 1));
                fresh = fields.put(line.substring(0, equals), new Field(offset, size)) == null;
            }
            if (!fresh) {
                throw new IllegalArgumentException("defined twice");
            }
        } catch (final IllegalArgumentException | StringIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(source + ":" + lineNumber + ": bad line \"" + line + "\"", e);
        }
    }

    /** Release, as in {@code 22.11}. */
    String release() {
        return header.get("release");
    }

    int soname() {
        return Integer.parseInt(header.get("soname"));
    }

    String arch() {
        return header.get("arch");
    }

    /** Byte offset of {@code struct.field}, whose size in bytes must be the one that the caller reads or writes. */
    int offset(final String name, final int size) {
        final Field field = field(name);
        if (field.size() != size) {
            throw new IllegalStateException(
                    source + ": " + name + " has size=" + field.size() + ", this binding accesses size=" + size);
        }
        return field.offset();
    }

    /** Byte offset of a member that is itself a structure or an array. */
    int offset(final String name) {
        return field(name).offset();
    }

    /** Size in bytes of a member that is itself an array. */
    int size(final String name) {
        return field(name).size();
    }

    int sizeof(final String struct) {
        return field("sizeof(" + struct + ")").size();
    }

    long constant(final String name) {
        final Long value = constants.get(name);
        if (value == null) {
            throw new IllegalStateException(source + ": const " + name + " is missing");
        }
        return value;
    }

    int intConstant(final String name) {
        return Math.toIntExact(constant(name));
    }

    private Field field(final String name) {
        final Field field = fields.get(name);
        if (field == null) {
            throw new IllegalStateException(source + ": " + name + " is missing");
        }
        return field;
    }
}
