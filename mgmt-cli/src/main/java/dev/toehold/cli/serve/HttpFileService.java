package dev.toehold.cli.serve;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Serves the files of a directory over HTTP/1.1: GET and HEAD with one range, PUT where that is allowed, keep-alive and
 * pipelining, and nothing else. A connection takes a thread, {@link HttpInput} and one buffer, whatever it transfers.
 */
public final class HttpFileService implements StreamService {
    private static final int BUFFER_LENGTH = 64 * 1024;

    private final FileTree files;
    private final boolean writable;
    private final long maxUploadBytes;
    private final InstantSource clock;

    /**
     * @param root the directory
     * @param writable whether PUT is allowed
     * @param maxUploadBytes the longest body of a PUT
     * @throws IOException if the root is not there
     */
    public HttpFileService(Path root, boolean writable, long maxUploadBytes, InstantSource clock) throws IOException {
        this.files = new FileTree(root);
        this.writable = writable;
        this.maxUploadBytes = maxUploadBytes;
        this.clock = clock;
    }

    @Override
    public void serve(Conversation peer) throws IOException {
        HttpInput input = new HttpInput(peer);
        HttpOutput output = new HttpOutput(peer, new byte[BUFFER_LENGTH], clock);
        boolean open = true;
        while (open) {
            HttpRequest request;
            try {
                request = HttpRequest.read(input);
            } catch (HttpException e) {
                output.begin(false, true);
                output.error(e, false);
                return;
            } catch (EOFException e) {
                return;
            }
            open = request != null && answer(request, input, output);
        }
    }

    /** Answers one request; returns whether the connection can take another one: not behind a body that was not read. */
    private boolean answer(HttpRequest request, HttpInput input, HttpOutput output) throws IOException {
        HttpBody body = new HttpBody(input, request, maxUploadBytes);
        boolean keep = request.keepsAlive();
        boolean head = request.method().equals("HEAD");
        output.begin(head, request.minorVersion() > 0);
        try {
            dispatch(request, body, output, keep);
        } catch (HttpException e) {
            // A body that was not read stands before the next request: the connection must end.
            keep &= body.isRead();
            output.error(e, keep);
        }
        return keep && body.isRead();
    }

    private void dispatch(HttpRequest request, HttpBody body, HttpOutput output, boolean keep) throws IOException {
        switch (request.method()) {
            case "GET", "HEAD" -> {
                if (request.hasBody() && !body.isRead()) {
                    throw new HttpException(400, "a " + request.method() + " takes no body");
                }
                get(request, output, keep);
            }
            case "PUT" -> {
                if (!writable) {
                    throw new HttpException(405, "this directory is read-only", allow());
                }
                put(request, body, output, keep);
            }
            case "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT" ->
                throw new HttpException(405, request.method() + " is not offered here", allow());
            default -> throw new HttpException(501, request.method() + " is not known here");
        }
    }

    private String allow() {
        return writable ? "Allow: GET, HEAD, PUT" : "Allow: GET, HEAD";
    }

    private void get(HttpRequest request, HttpOutput output, boolean keep) throws IOException {
        Path path = files.existing(request.target());
        try (FileChannel file = open(path)) {
            long size = file.size();
            FileTag tag = FileTag.of(path, size);
            if (request.header("if-match")
                    .filter(condition -> !tag.matches(condition))
                    .isPresent()) {
                throw new HttpException(412, "the file is another one by now");
            }
            if (request.header("if-none-match").filter(tag::matchesWeakly).isPresent()) {
                output.notModified(tag, keep);
                return;
            }
            // An If-Range that names another version asks for all of this one (RFC 9110 section 13.1.5).
            boolean sameVersion =
                    request.header("if-range").map(tag.entityTag()::equals).orElse(true);
            String range = sameVersion ? request.headers().get("range") : null;
            ByteRange.Kind kind = range == null ? ByteRange.Kind.IGNORED : ByteRange.kind(range, size);
            switch (kind) {
                case UNSATISFIABLE ->
                    throw new HttpException(416, "the file has " + size + " bytes", "Content-Range: bytes */" + size);
                case SATISFIABLE -> output.file(path, file, tag, ByteRange.of(range, size), keep);
                case IGNORED -> output.file(path, file, tag, null, keep);
            }
        }
    }

    private void put(HttpRequest request, HttpBody body, HttpOutput output, boolean keep) throws IOException {
        if (!request.hasBody()) {
            throw new HttpException(411, "Content-Length or chunks are needed");
        }
        if (request.header("content-range").isPresent()) {
            throw new HttpException(400, "parts cannot be put (RFC 9110 section 14.5)");
        }
        if (request.contentLength() > maxUploadBytes) {
            throw new HttpException(413, "the body is larger than " + maxUploadBytes + " bytes");
        }
        Path path = files.writable(request.target());
        checkPutConditions(request, path);
        String expectation = request.headers().get("expect");
        if (expectation != null) {
            if (!expectation.equalsIgnoreCase("100-continue")) {
                throw new HttpException(417, "the only expectation known here is 100-continue");
            }
            if (request.minorVersion() > 0) {
                output.proceed();
            }
        }
        boolean existed = Files.exists(path);
        Upload.receive(body, path, output.buffer());
        output.stored(existed ? 204 : 201, keep);
    }

    private static void checkPutConditions(HttpRequest request, Path path) throws IOException {
        FileTag tag = Files.isRegularFile(path) ? FileTag.of(path, Files.size(path)) : null;
        boolean ifMatchFails = request.header("if-match")
                .filter(condition -> tag == null || !tag.matches(condition))
                .isPresent();
        boolean ifNoneMatchFails = request.header("if-none-match")
                .filter(condition -> tag != null && tag.matchesWeakly(condition))
                .isPresent();
        if (ifMatchFails || ifNoneMatchFails) {
            throw new HttpException(412, "the file is another one by now");
        }
    }

    private static FileChannel open(Path path) throws IOException {
        try {
            return FileChannel.open(path);
        } catch (FileSystemException e) {
            throw new HttpException(404, "no such file");
        }
    }
}
