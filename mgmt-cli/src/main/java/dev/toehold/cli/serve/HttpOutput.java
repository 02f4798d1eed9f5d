package dev.toehold.cli.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Answers of one connection. Head and body share the buffer, so that a small answer is one write. */
final class HttpOutput {
    /** IMF-fixdate (RFC 9110 section 5.6.7). */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Conversation peer;
    private final OutputStream out;
    private final byte[] buffer;
    private final InstantSource clock;
    private boolean head;
    private boolean keepsAliveByDefault;
    private boolean started;

    HttpOutput(Conversation peer, byte[] buffer, InstantSource clock) {
        this.peer = peer;
        this.out = peer.out();
        this.buffer = buffer;
        this.clock = clock;
    }

    /** The buffer, free for others between the parts of an answer. */
    byte[] buffer() {
        return buffer;
    }

    /** A new answer; to HEAD it has no body, to HTTP/1.0 it says when the connection stays open. */
    void begin(boolean isHead, boolean isHttp11) {
        head = isHead;
        keepsAliveByDefault = isHttp11;
        started = false;
    }

    /** Tells the peer to send the body (RFC 9110 section 10.1.1). */
    void proceed() throws IOException {
        out.write(CONTINUE);
    }

    /** A file or a part of it. */
    void file(Path path, FileChannel file, FileTag tag, ByteRange range, boolean keep) throws IOException {
        long size = file.size();
        long first = range == null ? 0 : range.first();
        long length = range == null ? size : range.length();
        StringBuilder answer = status(range == null ? 200 : 206, keep);
        header(answer, "Content-Type", contentType(path));
        header(answer, "Content-Length", Long.toString(length));
        header(answer, "Accept-Ranges", "bytes");
        version(answer, tag);
        if (range != null) {
            header(answer, "Content-Range", range.contentRange(size));
        }
        int filled = finish(answer);
        if (head) {
            out.write(buffer, 0, filled);
        } else if (length > buffer.length - filled) {
            out.write(buffer, 0, filled);
            peer.sendFrom(file, first, length, buffer);
        } else {
            fill(file, first, filled, (int) length);
            out.write(buffer, 0, filled + (int) length);
        }
    }

    /** Puts a short file behind the head, so that both are one write. */
    private void fill(FileChannel file, long first, int offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, offset, length);
        while (target.hasRemaining()) {
            if (file.read(target, first + target.position() - offset) < 0) {
                throw Conversation.shortened();
            }
        }
    }

    void notModified(FileTag tag, boolean keep) throws IOException {
        StringBuilder answer = status(304, keep);
        version(answer, tag);
        out.write(buffer, 0, finish(answer));
    }

    /** 201 or 204. */
    void stored(int code, boolean keep) throws IOException {
        StringBuilder answer = status(code, keep);
        if (code != 204) {
            header(answer, "Content-Length", "0");
        }
        out.write(buffer, 0, finish(answer));
    }

    /**
     * An error, with its reason as the body. If an answer is under way, the connection is all that can still tell: the
     * exception goes on.
     */
    void error(HttpException e, boolean keep) throws IOException {
        if (started) {
            throw e;
        }
        byte[] text =
                (e.status() + " " + reason(e.status()) + ": " + e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
        StringBuilder answer = status(e.status(), keep);
        header(answer, "Content-Type", "text/plain; charset=utf-8");
        header(answer, "Content-Length", Integer.toString(text.length));
        if (!e.header().isEmpty()) {
            answer.append(e.header()).append("\r\n");
        }
        int filled = finish(answer);
        if (!head) {
            System.arraycopy(text, 0, buffer, filled, text.length);
            filled += text.length;
        }
        out.write(buffer, 0, filled);
    }

    private StringBuilder status(int code, boolean keep) {
        started = true;
        StringBuilder answer = new StringBuilder(256);
        answer.append("HTTP/1.1 ").append(code).append(' ').append(reason(code)).append("\r\n");
        header(answer, "Date", DATE.format(clock.instant()));
        if (keep != keepsAliveByDefault) {
            header(answer, "Connection", keep ? "keep-alive" : "close");
        }
        return answer;
    }

    private void version(StringBuilder answer, FileTag tag) {
        Instant now = clock.instant();
        header(answer, "Last-Modified", DATE.format(tag.lastModified().isAfter(now) ? now : tag.lastModified()));
        header(answer, "ETag", tag.entityTag());
    }

    private static void header(StringBuilder answer, String name, String value) {
        answer.append(name).append(": ").append(value).append("\r\n");
    }

    /** Puts the head at the beginning of the buffer. */
    private int finish(StringBuilder answer) {
        byte[] bytes = answer.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, buffer, 0, bytes.length);
        return bytes.length;
    }

    private static String contentType(Path path) {
        String type = URLConnection.guessContentTypeFromName(path.getFileName().toString());
        return type == null ? "application/octet-stream" : type;
    }

    private static String reason(int code) {
        return switch (code) {
            case 200 -> "OK";
            case 201 -> "Created";
            case 204 -> "No Content";
            case 206 -> "Partial Content";
            case 304 -> "Not Modified";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 409 -> "Conflict";
            case 411 -> "Length Required";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 416 -> "Range Not Satisfiable";
            case 417 -> "Expectation Failed";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 505 -> "HTTP Version Not Supported";
            case 507 -> "Insufficient Storage";
            default -> "Error";
        };
    }
}
