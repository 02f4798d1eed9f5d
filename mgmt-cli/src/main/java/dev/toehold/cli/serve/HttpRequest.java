package dev.toehold.cli.serve;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The head of one request, checked by the rules that keep two readers of one stream in step (RFC 9112): any doubt where the
 * body ends is an error.
 *
 * @param target origin-form as it came, still percent-encoded, without query
 * @param headers by lower-case name; several of one name are joined with commas
 * @param contentLength bytes of the body, 0 if there is none, {@link #CHUNKED} if chunks tell
 */
record HttpRequest(
        String method,
        String target,
        int minorVersion,
        Map<String, String> headers,
        long contentLength,
        boolean hasBody) {
    static final long CHUNKED = -1;

    private static final int MAX_HEADERS = 100;
    private static final int MAX_HEAD = 32 * 1024;
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /**
     * Reads the next head.
     *
     * @return null at the end of the stream
     */
    static HttpRequest read(HttpInput in) throws IOException {
        String line = in.readLine(414);
        if (line != null && line.isEmpty()) {
            // RFC 9112 section 2.2: at least one empty line before a request is ignored.
            line = in.readLine(414);
        }
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[0].matches(TOKEN)) {
            throw new HttpException(400, "not a request line");
        }
        int minorVersion = minorVersion(parts[2]);
        Map<String, String> headers = readHeaders(in);
        if (minorVersion > 0) {
            String host = headers.get("host");
            if (host == null || host.indexOf(',') >= 0) {
                throw new HttpException(400, "one Host header is needed");
            }
        }
        long length = contentLength(headers, minorVersion);
        boolean hasBody = headers.containsKey("content-length") || length == CHUNKED;
        return new HttpRequest(parts[0], path(parts[1]), minorVersion, headers, length, hasBody);
    }

    private static int minorVersion(String version) throws HttpException {
        return switch (version) {
            case "HTTP/1.1" -> 1;
            case "HTTP/1.0" -> 0;
            default -> {
                if (version.matches("HTTP/[0-9]\\.[0-9]")) {
                    // A later 1.x is understood as 1.1 (RFC 9110 section 2.5).
                    if (version.startsWith("HTTP/1.")) {
                        yield 1;
                    }
                    throw new HttpException(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
                }
                throw new HttpException(400, "not a request line");
            }
        };
    }

    /** Origin-form, or the path of absolute-form, which a server must accept (RFC 9112 section 3.2.2). */
    private static String path(String target) throws HttpException {
        String path = target;
        if (target.toLowerCase(Locale.ROOT).startsWith("http://")) {
            int slash = target.indexOf('/', "http://".length());
            path = slash < 0 ? "/" : target.substring(slash);
        }
        int query = path.indexOf('?');
        path = query < 0 ? path : path.substring(0, query);
        if (!path.startsWith("/") && !path.equals("*")) {
            throw new HttpException(400, "the request target is not a path");
        }
        return path;
    }

    private static Map<String, String> readHeaders(HttpInput in) throws IOException {
        Map<String, String> headers = new HashMap<>();
        int count = 0;
        int length = 0;
        while (true) {
            String line = in.readLine(431);
            if (line == null) {
                throw new HttpException(400, "the stream ends within the headers");
            }
            if (line.isEmpty()) {
                return headers;
            }
            length += line.length();
            if (++count > MAX_HEADERS || length > MAX_HEAD) {
                throw new HttpException(431, "more than " + MAX_HEADERS + " headers or " + MAX_HEAD + " bytes of them");
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon);
            // Neither a space before the colon nor a folded line (RFC 9112 section 5).
            if (!name.matches(TOKEN)) {
                throw new HttpException(400, "not a header line");
            }
            headers.merge(
                    name.toLowerCase(Locale.ROOT), line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
        }
    }

    private static long contentLength(Map<String, String> headers, int minorVersion) throws HttpException {
        String coding = headers.get("transfer-encoding");
        String length = headers.get("content-length");
        if (coding != null) {
            if (length != null || minorVersion == 0) {
                throw new HttpException(400, "Transfer-Encoding with Content-Length or in HTTP/1.0");
            }
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new HttpException(501, "the only transfer coding here is chunked");
            }
            return CHUNKED;
        }
        if (length == null) {
            return 0;
        }
        if (!length.matches("[0-9]{1,18}")) {
            throw new HttpException(400, "not a Content-Length");
        }
        return Long.parseLong(length);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Whether the connection stays open after the answer (RFC 9112 section 9.3). */
    boolean keepsAlive() {
        boolean close = false;
        boolean keepAlive = false;
        for (String option : headers.getOrDefault("connection", "").split(",", -1)) {
            close |= option.strip().equalsIgnoreCase("close");
            keepAlive |= option.strip().equalsIgnoreCase("keep-alive");
        }
        return !close && (minorVersion > 0 || keepAlive);
    }
}
