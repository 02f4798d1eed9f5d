package dev.toehold.cli.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The files below a directory as request targets name them. Nothing outside is reached: not by dots, not by encoded
 * slashes, not by symbolic links that lead out. Names that begin with a dot do not exist for peers.
 */
final class FileTree {
    private final Path root;

    FileTree(Path root) throws IOException {
        this.root = root.toRealPath();
    }

    /**
     * An existing regular file; a directory stands for its index.html.
     *
     * @throws HttpException 404 if there is none that may be seen
     */
    Path existing(String target) throws IOException {
        Path path = resolve(target);
        if (Files.isDirectory(path)) {
            path = path.resolve("index.html");
        }
        Path real = realPath(path);
        if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
            throw new HttpException(404, "no such file");
        }
        return real;
    }

    /**
     * Where a file can be put: its directory exists below the root.
     *
     * @throws HttpException 404 if the directory does not, 409 if the name is that of a directory
     */
    Path writable(String target) throws IOException {
        Path path = resolve(target);
        if (path.equals(root) || target.endsWith("/") || Files.isDirectory(path)) {
            throw new HttpException(409, "a directory cannot be put");
        }
        return realPath(path.getParent()).resolve(path.getFileName());
    }

    private Path realPath(Path path) throws IOException {
        Path real;
        try {
            real = path.toRealPath();
        } catch (IOException e) {
            throw new HttpException(404, "no such file");
        }
        if (!real.startsWith(root)) {
            throw new HttpException(404, "no such file");
        }
        return real;
    }

    private Path resolve(String target) throws HttpException {
        Path path = root;
        for (String encoded : target.split("/", -1)) {
            String name = decode(encoded);
            if (name.isEmpty()) {
                continue;
            }
            if (name.startsWith(".") || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
                throw new HttpException(404, "no such file");
            }
            try {
                path = path.resolve(name);
            } catch (InvalidPathException e) {
                throw new HttpException(404, "no such file");
            }
        }
        return path;
    }

    /** Undoes percent-encoding (RFC 3986 section 2.1); the bytes must be UTF-8. */
    static String decode(String encoded) throws HttpException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            int high = hex(encoded, i + 1);
            int low = hex(encoded, i + 2);
            if (high < 0 || low < 0) {
                throw new HttpException(400, "a percent sign without two digits");
            }
            bytes.write(high * 16 + low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HttpException(400, "the request target is not UTF-8");
        }
    }

    private static int hex(String text, int index) {
        char c = index < text.length() ? text.charAt(index) : ' ';
        return c < 128 ? Character.digit(c, 16) : -1;
    }
}
